import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, type Problem } from "../../api/client";
import type { Change, Persona, PersonaDetail } from "../../api/types";
import { pathWords } from "../../lib/paths";
import { ago } from "../../lib/words";
import { Badge, Button, Fault, SelectField, Waiting } from "../../ui/controls";

interface Version {
  version: number;
  hash: string;
  created: number;
  note: string;
  author: string;
}

const TONES = { added: "good", removed: "bad", changed: "info" } as const;

function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

/** Every version that was saved, and what differs between two of them. */
export function Versions({ slug, latest, onRestore }: { slug: string; latest: number; onRestore: (persona: Persona, version: number) => void }) {
  const [from, setFrom] = useState(Math.max(1, latest - 1));
  const [to, setTo] = useState(latest);
  const list = useQuery<{ items: Version[] }, Problem>({ queryKey: ["versions", slug, latest], queryFn: () => api.get(`/api/personas/${slug}/versions`) });
  const diff = useQuery<{ changes: Change[] }, Problem>({
    queryKey: ["diff", slug, from, to],
    queryFn: () => api.get(`/api/personas/${slug}/diff`, { from, to }),
    enabled: from !== to,
  });
  const versions = [...(list.data?.items ?? [])].sort((a, b) => b.version - a.version);
  const options = versions.map((one) => [String(one.version), `version ${one.version}`] as const);
  const restore = useMutation<PersonaDetail, Problem, number>({
    mutationFn: (version) => api.get(`/api/personas/${slug}`, { version }),
    onSuccess: (old) => onRestore(old.persona, old.version),
  });
  return (
    <div className="stack">
      {list.error ? <Fault problem={list.error} /> : null}
      {restore.error ? <Fault problem={restore.error} /> : null}
      {list.isPending ? <Waiting /> : null}
      <ol className="plain stack tight" reversed>
        {versions.map((one) => (
          <li key={one.version} className="card pad row between wrap">
            <div className="grow">
              <div className="row wrap"><strong>Version {one.version}</strong>{one.version === latest ? <Badge tone="accent">latest</Badge> : null}<span className="tiny muted mono">{one.hash.slice(0, 12)}</span></div>
              <p className="small muted">{one.note || "No note."} {ago(one.created)}{one.author ? `, ${one.author}` : ""}</p>
            </div>
            {one.version !== latest ? <Button small disabled={restore.isPending} onClick={() => restore.mutate(one.version)}>Put into the editor</Button> : null}
          </li>
        ))}
      </ol>
      {versions.length > 1 ? (
        <section className="card pad stack" aria-label="Difference of two versions">
          <div className="two">
            <SelectField label="From" value={String(from)} options={options} onText={(text) => setFrom(Number(text))} />
            <SelectField label="To" value={String(to)} options={options} onText={(text) => setTo(Number(text))} />
          </div>
          {diff.error ? <Fault problem={diff.error} /> : null}
          {from === to || diff.data?.changes.length === 0 ? <p className="muted small">These are the same.</p> : null}
          <ul className="plain stack">
            {diff.data?.changes.map((change) => (
              <li key={change.path} className="stack tight">
                <div className="row wrap"><Badge tone={TONES[change.kind]}>{change.kind}</Badge><span className="label">{pathWords(change.path)}</span></div>
                {change.kind !== "added" ? <pre className="block del" tabIndex={0} aria-label="Before">{shown(change.before)}</pre> : null}
                {change.kind !== "removed" ? <pre className="block ins" tabIndex={0} aria-label="After">{shown(change.after)}</pre> : null}
              </li>
            ))}
          </ul>
        </section>
      ) : <p className="muted small">Saving a change makes a new version; conversations and runs keep the one that they began with.</p>}
    </div>
  );
}
