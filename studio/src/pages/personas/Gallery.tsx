import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileUp, Plus, UserRound } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Imported, PersonaSummary } from "../../api/types";
import { useDrop, useSettled } from "../../lib/hooks";
import { ago, plural } from "../../lib/words";
import { Badge, Button, Empty, Fault, SearchBox, Waiting } from "../../ui/controls";
import { More } from "../../ui/more";
import { useToast } from "../../ui/toast";
import { ImportDialog, type ReadFile } from "./ImportDialog";

export default function Gallery() {
  const [words, setWords] = useState("");
  const asked = useSettled(words);
  const list = usePages<PersonaSummary>("/api/personas", { q: asked });
  const [read, setRead] = useState<ReadFile[] | null>(null);
  const picker = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const say = useToast();
  const [, go] = useLocation();

  const open = useMutation<ReadFile[], Problem, File[]>({
    mutationFn: (files) =>
      Promise.all(files.map(async (file) => {
        try {
          return { file, found: await api.upload<Imported>("/api/personas/import?save=false", file), problem: null };
        } catch (error) {
          return { file, found: null, problem: error as Problem };
        }
      })),
    onSuccess: setRead,
  });
  const isOver = useDrop((files) => open.mutate(files));

  const saved = (personas: PersonaSummary[]) => {
    setRead(null);
    void client.invalidateQueries({ queryKey: ["/api/personas"] });
    say(`${plural(personas.length, "persona")} imported`);
    const only = personas.length === 1 ? personas[0] : undefined;
    if (only) go(`/personas/${only.slug}`);
  };

  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Personas</h1>
          <p>Each is one description of a person: talked to here, measured in runs, served to other programs as a model.</p>
        </div>
        <div className="row wrap">
          <Button icon={FileUp} onClick={() => picker.current?.click()}>Import</Button>
          <Link href="/personas/new" className="btn primary"><Plus size={17} aria-hidden />New persona</Link>
          <input ref={picker} type="file" multiple hidden aria-label="Files to import" onChange={(event) => { open.mutate([...(event.target.files ?? [])]); event.target.value = ""; }} />
        </div>
      </div>

      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting lines={4} /> : null}
      {open.isPending ? <p className="muted" role="status">Reading…</p> : null}

      {list.data && list.items.length === 0 && !asked ? (
        <Empty
          icon={UserRound}
          title="No persona yet"
          action={<>
            <Link href="/personas/new" className="btn primary">Describe one</Link>
            <Button icon={FileUp} onClick={() => picker.current?.click()}>Import a file</Button>
          </>}
        >
          Describe somebody in a few fields, or drop a file anywhere on this page: a character card (PNG, CHARX or JSON), a
          persona of another tool, or personae's own YAML. Files are read as untrusted text, and shown to you before they are kept.
        </Empty>
      ) : null}

      {list.items.length > 0 || asked ? (
        <>
          <div className="row wrap between">
            <SearchBox label="Search personas" value={words} onText={setWords} />
            <span className="muted small" role="status">{list.total === null ? "" : plural(list.total, "persona")}</span>
          </div>
          {list.items.length === 0 && !list.isFetching ? <p className="muted">Nobody matches “{asked}”. Search looks at names, descriptions and tags.</p> : null}
          <ul className="grid wide plain">
            {list.items.map((persona) => (
              <li key={persona.slug}>
                <Link href={`/personas/${persona.slug}`} className="card pad persona-card">
                  <img src={persona.avatar} alt="" width={52} height={52} />
                  <div className="grow stack tight">
                    <div className="row between"><strong className="name">{persona.name || persona.slug}</strong><Badge>v{persona.version}</Badge></div>
                    <p className="muted small clamp">{persona.description || "No description yet."}</p>
                    <div className="row wrap tiny muted">
                      {persona.tags.slice(0, 3).map((tag) => <Badge key={tag} tone="accent">{tag}</Badge>)}
                      <span>{ago(persona.updated)}</span>
                    </div>
                  </div>
                </Link>
              </li>
            ))}
          </ul>
          <More list={list} />
        </>
      ) : null}

      {isOver ? <div className="dropping">Drop to import</div> : null}
      {read ? <ImportDialog files={read} onClose={() => setRead(null)} onSaved={saved} /> : null}
    </div>
  );
}
