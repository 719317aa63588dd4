import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { api, problemOf, type Problem } from "../../api/client";
import type { Imported, PersonaSummary } from "../../api/types";
import { plural } from "../../lib/words";
import { Badge, Button, Fault } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

export interface ReadFile {
  file: File;
  found: Imported | null;
  problem: Problem | null;
}

interface Props {
  files: ReadFile[];
  onClose: () => void;
  onSaved: (personas: PersonaSummary[]) => void;
}

/** What was found in dropped files, before any of it is kept. */
export function ImportDialog({ files, onClose, onSaved }: Props) {
  const [isNewOnly, setNewOnly] = useState(true);
  const good = files.filter((file) => file.found?.count);
  const total = good.reduce((sum, file) => sum + (file.found?.count ?? 0), 0);
  const known = good.reduce((sum, file) => sum + (file.found?.known ?? 0), 0);
  const people = isNewOnly ? total - known : total;
  const kept = useRef(new Map<File, PersonaSummary[]>()); // a file that went through is not sent again after another failed
  const save = useMutation<PersonaSummary[], Error>({
    mutationFn: async () => {
      for (const { file } of good) {
        if (!kept.current.has(file)) kept.current.set(file, (await api.upload<Imported>(`/api/personas/import?save=true&new_only=${isNewOnly}`, file)).saved);
      }
      return [...kept.current.values()].flat();
    },
    onSuccess: onSaved,
  });
  return (
    <Dialog
      title="Import"
      lead="This is what was understood. Nothing is kept until you say so."
      onClose={onClose}
      wide
      footer={<>
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" disabled={people === 0 || save.isPending} onClick={() => save.mutate()}>{people ? `Import ${plural(people, "persona")}` : "Nothing to import"}</Button>
      </>}
    >
      {save.error ? <Fault problem={problemOf(save.error)} /> : null}
      {known ? <label className="check"><input type="checkbox" checked={isNewOnly} onChange={(event) => setNewOnly(event.target.checked)} /><span>Leave out {plural(known, "persona")} that {known === 1 ? "is" : "are"} here already, word for word</span></label> : null}
      {files.map(({ file, found, problem }, place) => (
        <section key={place} className="stack tight">
          <div className="row wrap"><h3>{file.name}</h3>{found ? <Badge tone="info">{found.format}</Badge> : null}</div>
          {problem ? <Fault problem={problem} /> : null}
          {found?.personas.slice(0, 20).map(({ persona, slug, twin, lint, unknown, notes }, number) => (
            <div key={number} className="card pad stack tight">
              <strong>{persona.name || slug}</strong>
              {persona.description ? <p className="small muted clamp">{persona.description}</p> : null}
              <div className="row wrap tiny">
                {twin ? <Badge tone="accent">here already: {twin}</Badge> : null}
                {unknown.length ? <Badge>{plural(unknown.length, "foreign field")} kept unchanged</Badge> : null}
                {lint.length ? <Badge tone="warn">{plural(lint.length, "remark")}</Badge> : null}
              </div>
              {notes.map((note) => <p key={note} className="tiny muted">{note}</p>)}
            </div>
          ))}
          {(found?.count ?? 0) > 20 ? <p className="small muted">… and {(found?.count ?? 0) - 20} more</p> : null}
        </section>
      ))}
    </Dialog>
  );
}
