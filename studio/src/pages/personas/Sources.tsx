import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import type { Persona, Provenance } from "../../api/types";
import { pathWords } from "../../lib/paths";
import { Button, Field, Hint, SelectField, TextField } from "../../ui/controls";

interface Props {
  persona: Persona;
  paths: string[];
  onChange: (path: string, value: unknown) => void;
}

const ORIGINS = [
  ["given", "given by whoever described the person"],
  ["sampled", "sampled from a distribution"],
  ["inferred", "inferred from behaviour or text"],
  ["written", "written by a model"],
] as const;

/** Where each field comes from, how sure it is, and on which terms it may be used. */
export function Sources({ persona, paths, onChange }: Props) {
  const entries = Object.entries(persona.provenance ?? {});
  const [path, setPath] = useState("*");
  const set = (key: string, change: Partial<Provenance>) => {
    const whole = { ...persona.provenance?.[key], ...change };
    const kept = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== "" && value !== undefined && value !== null));
    onChange(`provenance.${key}`, { origin: "given", ...kept });
  };
  const free = ["*", ...paths].filter((one) => !(one in (persona.provenance ?? {})));
  return (
    <div className="stack">
      <Hint>A field without a source of its own takes that of the field around it, and at last that of “everything else”. Sources never enter a prompt.</Hint>
      {entries.map(([key, source]) => (
        <fieldset key={key} className="card pad stack">
          <legend className="visually-hidden">Source of {key}</legend>
          <div className="row between"><h3>{key === "*" ? "Everything else" : pathWords(key)}</h3><Button kind="quiet" small icon={Trash2} aria-label={`Remove the source of ${key}`} onClick={() => onChange(`provenance.${key}`, undefined)} /></div>
          <div className="two">
            <SelectField label="Origin" value={source.origin ?? "given"} options={ORIGINS} onText={(origin) => set(key, { origin: origin as Provenance["origin"] })} />
            <TextField label="By" value={source.by ?? ""} placeholder="model, data set, interviewer" onText={(by) => set(key, { by })} />
            <Field label="Confidence, 0 to 1">
              {(props) => <input className="input" type="number" min={0} max={1} step={0.05} {...props} value={source.confidence ?? ""} onChange={(event) => set(key, { confidence: event.target.value === "" ? null : Math.max(0, Math.min(1, Number(event.target.value))) })} />}
            </Field>
            <TextField label="Licence" value={source.licence ?? ""} onText={(licence) => set(key, { licence })} />
            <TextField label="Consent" value={source.consent ?? ""} placeholder="for real people: what they agreed to" onText={(consent) => set(key, { consent })} />
            <TextField label="Note" value={source.note ?? ""} onText={(note) => set(key, { note })} />
          </div>
        </fieldset>
      ))}
      {free.length ? (
        <div className="row wrap" style={{ alignItems: "flex-end" }}>
          <div style={{ minWidth: 220 }}><SelectField label="Add a source for" value={free.includes(path) ? path : (free[0] ?? "*")} options={free.map((one) => [one, one === "*" ? "everything else" : pathWords(one)] as const)} onText={setPath} /></div>
          <Button icon={Plus} onClick={() => set(free.includes(path) ? path : (free[0] ?? "*"), {})}>Add</Button>
        </div>
      ) : null}
    </div>
  );
}
