import { Plus } from "lucide-react";
import { useState } from "react";

import type { Persona, TraitInfo } from "../../api/types";
import { plural } from "../../lib/words";
import { traitTitle } from "../../lib/traits";
import { Button, Hint, TextField } from "../../ui/controls";
import { TraitSlider } from "./TraitSlider";

interface Props {
  persona: Persona;
  known: TraitInfo[];
  onChange: (path: string, value: unknown) => void;
}

/** Traits by group, facets under their domain; what the persona does not say stays unsaid. */
export function Traits({ persona, known, onChange }: Props) {
  const traits = persona.traits ?? {};
  const titles = new Set(known.map((trait) => trait.key));
  const foreign: TraitInfo[] = Object.keys(traits)
    .filter((key) => !titles.has(key))
    .map((key) => ({ key, title: traitTitle(key), low: "low", high: "high", group: "Others in this persona", parent: null }));
  const all = [...known, ...foreign];
  const groups = [...new Set(all.map((trait) => trait.group))];
  const groupTitle = (group: string) => (group.includes("_") ? traitTitle(group) : group.charAt(0).toUpperCase() + group.slice(1));
  const set = (key: string) => (z: number | undefined) => onChange(`traits.${key}`, z);
  const slider = (trait: TraitInfo) => <TraitSlider key={trait.key} trait={trait} value={traits[trait.key]} onChange={set(trait.key)} />;
  return (
    <div className="stack">
      <Hint>A trait is a z-score: 0 is the average person, 1 is one standard deviation above. A trait that is not stated is not spoken of in the prompt.</Hint>
      {groups.map((group, index) => {
        const members = all.filter((trait) => trait.group === group);
        const domains = members.filter((trait) => trait.parent === null);
        const stated = members.filter((trait) => traits[trait.key] !== undefined).length;
        return (
          <details key={group} className="card group" open={index === 0 || stated > 0}>
            <summary><h2>{groupTitle(group)}</h2><span className="tiny muted">{stated ? `${stated} of ${members.length} stated` : plural(members.length, "trait")}</span></summary>
            <div className="body stack">
              {domains.map((trait) => {
                const facets = members.filter((facet) => facet.parent === trait.key);
                const statedFacets = facets.filter((facet) => traits[facet.key] !== undefined).length;
                return (
                  <div key={trait.key} className="stack tight">
                    {slider(trait)}
                    {facets.length ? (
                      <details className="facets" open={statedFacets > 0}>
                        <summary className="small muted">{plural(facets.length, "facet")}{statedFacets ? `, ${statedFacets} stated` : ""}</summary>
                        <div className="stack">{facets.map(slider)}</div>
                      </details>
                    ) : null}
                  </div>
                );
              })}
            </div>
          </details>
        );
      })}
      <AnotherTrait taken={all.map((trait) => trait.key)} onAdd={(key) => onChange(`traits.${key}`, 0)} />
    </div>
  );
}

const KEY = /^[a-z0-9_]+(\.[a-z0-9_]+){1,2}$/;

/** A trait of any scale: facets and scales that have no words here are kept, measured and sampled all the same. */
function AnotherTrait({ taken, onAdd }: { taken: string[]; onAdd: (key: string) => void }) {
  const [text, setText] = useState("");
  const key = text.trim().toLowerCase().replaceAll(" ", "_");
  const error = key === "" ? undefined : !KEY.test(key) ? "Name it scale.trait or scale.trait.facet." : taken.includes(key) ? "It is listed above." : undefined;
  return (
    <form className="row top wrap" onSubmit={(event) => { event.preventDefault(); if (key && !error) { onAdd(key); setText(""); } }}>
      <div className="grow" style={{ minWidth: 220 }}><TextField label="Another trait or facet" value={text} onText={setText} error={error} placeholder="big_five.extraversion.assertiveness" hint="Scale, trait and, if it is one, facet, with dots between." /></div>
      <Button type="submit" icon={Plus} disabled={!key || Boolean(error)} className="beside-field">Add</Button>
    </form>
  );
}
