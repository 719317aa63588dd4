import { useMutation } from "@tanstack/react-query";

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
  const good = files.filter((file) => file.found?.personas.length);
  const people = good.reduce((sum, file) => sum + (file.found?.personas.length ?? 0), 0);
  const save = useMutation<PersonaSummary[], Error>({
    mutationFn: async () => {
      const saved: PersonaSummary[] = [];
      for (const { file } of good) saved.push(...(await api.upload<Imported>("/api/personas/import?save=true", file)).saved);
      return saved;
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
      {files.map(({ file, found, problem }) => (
        <section key={file.name} className="stack tight">
          <div className="row wrap"><h3>{file.name}</h3>{found ? <Badge tone="info">{found.format}</Badge> : null}</div>
          {problem ? <Fault problem={problem} /> : null}
          {found?.personas.slice(0, 20).map(({ persona, slug, lint, unknown, notes }) => (
            <div key={slug} className="card pad stack tight">
              <strong>{persona.name || slug}</strong>
              {persona.description ? <p className="small muted clamp">{persona.description}</p> : null}
              <div className="row wrap tiny">
                {unknown.length ? <Badge>{plural(unknown.length, "foreign field")} kept unchanged</Badge> : null}
                {lint.length ? <Badge tone="warn">{plural(lint.length, "remark")}</Badge> : null}
              </div>
              {notes.map((note) => <p key={note} className="tiny muted">{note}</p>)}
            </div>
          ))}
          {(found?.personas.length ?? 0) > 20 ? <p className="small muted">… and {(found?.personas.length ?? 0) - 20} more</p> : null}
        </section>
      ))}
    </Dialog>
  );
}
