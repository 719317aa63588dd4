import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FlaskConical, MessagesSquare, Save, Trash2, Undo2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, Problem } from "../../api/client";
import type { Conversation, Imported, Persona, PersonaDetail, PersonaSchema, Preview } from "../../api/types";
import { useSession } from "../../api/session";
import { withoutBlanks } from "../../lib/blanks";
import { useDrop, useLeaveWarning, useSettled } from "../../lib/hooks";
import { isSame, mergeEdits } from "../../lib/merge";
import { writePath } from "../../lib/paths";
import { Badge, Button, Fault, Hint, Tabs, TextArea, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";
import { Abilities } from "./Abilities";
import { DeleteDialog } from "./DeleteDialog";
import { ExportDialog } from "./ExportDialog";
import { DesignField } from "./Fields";
import { DraftPlace } from "./draft";
import { Meanwhile, type SavedMeanwhile } from "./Meanwhile";
import { PromptPreview } from "./PromptPreview";
import { Sources } from "./Sources";
import { Traits } from "./Traits";
import { Versions } from "./Versions";

/** Fields that the editor asks for in another place than their dimension. */
const ELSEWHERE = new Set(["name", "description", "traits", "abilities"]);

type Part = "design" | "traits" | "abilities" | "sources" | "versions";

/** One persona: described on the left, what a model reads of it on the right. */
export default function Editor({ slug }: { slug?: string }) {
  const client = useQueryClient();
  const detail = useQuery<PersonaDetail, Problem>({
    queryKey: ["persona", slug],
    queryFn: () => api.get(`/api/personas/${slug}`),
    enabled: slug !== undefined,
    refetchOnWindowFocus: "always", // somebody else may have saved: what is edited here is put onto it
  });
  const schema = useQuery<PersonaSchema, Problem>({ queryKey: ["schema"], queryFn: () => api.get("/api/personas/schema"), staleTime: Infinity });
  if (detail.error || schema.error) {
    const problem = (detail.error ?? schema.error) as Problem;
    return (
      <div className="page">
        <h1>Persona</h1>
        <Fault problem={problem} retry={() => void client.invalidateQueries()} />
        <p><Link href="/personas">Back to the personas</Link></p>
      </div>
    );
  }
  if (!schema.data || (slug && !detail.data)) return <div className="page"><h1 className="visually-hidden">Persona</h1><Waiting lines={5} /></div>;
  return <Desk key={detail.data?.slug ?? "new"} detail={detail.data} schema={schema.data} />;
}

function Desk({ detail, schema }: { detail: PersonaDetail | undefined; schema: PersonaSchema }) {
  const [draft] = useState(() => new DraftPlace(detail?.slug ?? "new"));
  const left = draft.found;
  const [base, setBase] = useState(() => ({ version: left?.version ?? detail?.version ?? 0, persona: left?.base ?? detail?.persona ?? {} }));
  const [persona, setPersona] = useState<Persona>(() => left?.persona ?? detail?.persona ?? {});
  const [isRestored, setRestored] = useState(left !== null);
  const [meanwhile, setMeanwhile] = useState<SavedMeanwhile | null>(null);
  const [part, setPart] = useState<Part>("design");
  const [open, setOpen] = useState<"" | "export" | "delete" | "save">("");
  const [note, setNote] = useState("");
  const client = useQueryClient();
  const [, go] = useLocation();
  const say = useToast();
  const session = useSession();

  const written = useMemo(() => withoutBlanks(persona), [persona]);
  const isDirty = useMemo(() => !isSame(written, base.persona), [written, base]);
  useLeaveWarning(isDirty);
  const settled = useSettled(written);
  const hasDraft = useRef(left !== null);
  useEffect(() => {
    if (isDirty) draft.keep({ version: base.version, base: base.persona, persona: settled });
    else if (hasDraft.current) draft.forget();
    hasDraft.current = isDirty;
  }, [draft, base, settled, isDirty]);
  useEffect(() => {
    // Another tab has taken over what is not saved here, and has saved it.
    const heed = (event: StorageEvent) => { if (isDirty && draft.isLost(event)) draft.keep({ version: base.version, base: base.persona, persona: written }); };
    window.addEventListener("storage", heed);
    return () => window.removeEventListener("storage", heed);
  }, [draft, base, written, isDirty]);

  useEffect(() => {
    if (!detail || detail.version === base.version) return;
    setBase({ version: detail.version, persona: detail.persona });
    if (!isDirty) { setPersona(detail.persona); return; }
    const met = mergeEdits(base.persona, persona, detail.persona);
    setPersona(met.merged);
    setMeanwhile({ version: detail.version, theirs: met.theirs, clashes: met.clashes });
  }, [detail, base, persona, isDirty]);

  const change = useCallback((path: string, value: unknown) => setPersona((now) => writePath(now, path, value)), []);

  const preview = useQuery<Preview, Problem>({
    queryKey: ["preview", settled],
    queryFn: ({ signal }) => api.post("/api/personas/preview", { persona: settled }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 30_000,
  });

  const save = useMutation<PersonaDetail, Problem, Persona>({
    mutationFn: (sent) => (detail ? api.put(`/api/personas/${detail.slug}`, { persona: sent, base_version: base.version, note }) : api.post("/api/personas", { persona: sent, note })),
    onSuccess: (kept, sent) => {
      draft.forget();
      setBase({ version: kept.version, persona: kept.persona });
      setPersona((now) => mergeEdits(sent, now, kept.persona).merged); // what was typed while it was saved stays
      setMeanwhile(null);
      setRestored(false);
      setOpen("");
      setNote("");
      client.setQueryData(["persona", kept.slug], kept);
      void client.invalidateQueries({ queryKey: ["/api/personas"] });
      void client.invalidateQueries({ queryKey: ["versions"] });
      say(detail && kept.version === detail.version ? "Nothing differs from the saved version" : `Saved as version ${kept.version}`);
      if (!detail) go(`/personas/${kept.slug}`, { replace: true });
    },
    onError: (problem) => {
      setOpen("");
      if (problem.code === "conflict" && detail) void client.invalidateQueries({ queryKey: ["persona", detail.slug] });
    },
  });

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        if (isDirty && !save.isPending) save.mutate(written);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [isDirty, save, written]);

  /** Puts something else into the editor; what was there can be had back. */
  const replace = (next: Persona, words: string) => {
    const before = persona;
    setPersona(next);
    say(words, { label: "Undo", run: () => setPersona(before) });
  };

  const talk = useMutation<Conversation, Problem>({
    mutationFn: () => api.post("/api/conversations", {
      title: persona.name ? `Talking with ${persona.name}` : undefined,
      seats: [{ kind: "persona", name: persona.name || detail?.slug || "", persona: detail?.slug, version: detail?.version, model: session.data?.default_model ?? null, renderer: "second-person", sampling: {}, reading_level: "free" }],
    }),
    onSuccess: (conversation) => go(`/chat/${conversation.id}`),
  });

  // A file dropped here replaces what is being edited: the way to look at a foreign card before it is saved.
  const isOver = useDrop((files) => {
    const file = files[0];
    if (!file) return;
    api.upload<Imported>("/api/personas/import?save=false", file).then(
      ({ personas: [first], count }) => {
        if (!first) return;
        const more = count > 1 || files.length > 1 ? "; drop several on the page of all personas" : "";
        const picture = first.notes.length ? "; its picture stays behind: import it on the page of all personas to keep it" : "";
        replace(first.persona, `${first.persona.name || file.name} is in the editor; save to keep it${more}${picture}`);
      },
      (error: unknown) => say(error instanceof Error ? error.message : "The file cannot be read"),
    );
  });

  const sections = schema.dimensions
    .map((dimension) => ({ ...dimension, fields: dimension.fields.filter((field) => !ELSEWHERE.has(field.path)) }))
    .filter((dimension) => dimension.fields.length > 0);
  const paths = schema.dimensions.flatMap((dimension) => dimension.fields.map((field) => field.path));
  const avatar = preview.data?.avatar_svg ? `data:image/svg+xml;utf8,${encodeURIComponent(preview.data.avatar_svg)}` : detail?.avatar;

  return (
    <div className="page">
      <div className="page-head">
        <div className="row">
          {avatar ? <img className="avatar" src={avatar} alt="" width={64} height={64} /> : null}
          <div className="grow">
            <Link href="/personas" className="crumb">Personas</Link>
            <h1>{persona.name || (detail ? detail.slug : "A new persona")}</h1>
            <div className="row wrap small muted">
              {detail ? <span className="mono tiny">{detail.model_id}</span> : <span>Not saved yet</span>}
              {detail ? <Badge>version {detail.version}</Badge> : null}
              {isDirty ? <Badge tone="warn">unsaved</Badge> : null}
            </div>
          </div>
        </div>
        <div className="row wrap">
          {detail ? (
            <>
              <Button icon={MessagesSquare} onClick={() => talk.mutate()} disabled={talk.isPending}>Talk</Button>
              <Link className="btn" href={`/runs/new?people=${detail.slug}`}><FlaskConical size={17} aria-hidden />Measure</Link>
              <Button icon={Download} onClick={() => setOpen("export")}>Export</Button>
              <Button kind="danger" icon={Trash2} aria-label="Delete this persona" onClick={() => setOpen("delete")} />
            </>
          ) : null}
          {isDirty ? <Button kind="quiet" icon={Undo2} onClick={() => { setRestored(false); setMeanwhile(null); replace(base.persona, "Your changes are undone"); }}>Undo changes</Button> : null}
          <Button kind="primary" icon={Save} disabled={!isDirty || save.isPending} onClick={() => (detail ? setOpen("save") : save.mutate(written))}>Save</Button>
        </div>
      </div>
      {save.error && save.error.code !== "conflict" ? <Fault problem={save.error} /> : null}
      {save.error && save.error.code === "conflict" && !detail ? <Fault problem={save.error} /> : null}
      {meanwhile ? (
        <Meanwhile
          saved={meanwhile}
          onTheirs={(clash) => { change(clash.path, clash.theirs); setMeanwhile({ ...meanwhile, theirs: [...meanwhile.theirs, clash.path], clashes: meanwhile.clashes.filter((one) => one !== clash) }); }}
          onSeen={() => setMeanwhile(null)}
        />
      ) : null}
      {isRestored && isDirty && !meanwhile ? <Hint>What you had not saved is here again. “Undo changes” begins anew.</Hint> : null}
      {talk.error ? <Fault problem={talk.error} /> : null}

      <div className="split">
        <Tabs<Part>
          label="Parts of the persona"
          value={part}
          onPick={setPart}
          tabs={[
            ["design", "Design lab"],
            ["traits", "Traits"],
            ["abilities", "Abilities"],
            ["sources", "Sources"],
            ...(detail ? [["versions", "Versions"] as const] : []),
          ]}
        >
          {part === "design" ? (
            <div className="stack">
              <section className="card pad stack">
                <TextField label="Name" value={persona.name ?? ""} onText={(name) => change("name", name)} autoFocus={!detail} placeholder="Ada" />
                <TextArea label="Who this is" value={persona.description ?? ""} onText={(text) => change("description", text)} placeholder="A retired engineer who restores old radios." hint="In free words; the fields below say more, and every renderer words them its own way." />
              </section>
              {sections.map((dimension) => (
                <section key={dimension.key} className="card" aria-label={dimension.title}>
                  <header><div><h2>{dimension.title}</h2><p className="small muted">{dimension.about}</p></div></header>
                  <div className="body two">
                    {dimension.fields.map((field) => (
                      <div key={field.path} className={field.kind === "text" || field.kind === "number" ? undefined : "span"}>
                        <DesignField field={field} persona={persona} onChange={change} />
                      </div>
                    ))}
                  </div>
                </section>
              ))}
            </div>
          ) : null}
          {part === "traits" ? <Traits persona={persona} known={schema.traits} onChange={change} /> : null}
          {part === "abilities" ? <Abilities persona={persona} onChange={change} /> : null}
          {part === "sources" ? <Sources persona={persona} paths={[...new Set(paths)]} onChange={change} /> : null}
          {part === "versions" && detail ? <Versions slug={detail.slug} latest={detail.version} onRestore={(old, version) => replace(old, `Version ${version} is in the editor; save to make it the latest`)} /> : null}
        </Tabs>
        <div className="rail stack">
          {preview.error ? <Fault problem={preview.error} /> : null}
          <PromptPreview preview={preview.data} isStale={preview.isPlaceholderData} onFix={(fix) => change(fix.path, fix.value)} />
        </div>
      </div>

      {isOver ? <div className="dropping">Drop to put this file into the editor</div> : null}
      {open === "export" && detail ? <ExportDialog slug={detail.slug} version={detail.version} isDirty={isDirty} onClose={() => setOpen("")} /> : null}
      {open === "delete" && detail ? <DeleteDialog detail={detail} onClose={() => setOpen("")} /> : null}
      {open === "save" ? (
        <Dialog
          title="Save a new version"
          lead="Conversations and runs keep the version they began with."
          onClose={() => setOpen("")}
          footer={<><Button onClick={() => setOpen("")}>Cancel</Button><Button kind="primary" disabled={save.isPending} onClick={() => save.mutate(written)}>Save version</Button></>}
        >
          <TextField label="What changed (optional)" value={note} onText={setNote} placeholder="calmer voice, one more constraint" autoFocus onKeyDown={(event) => { if (event.key === "Enter" && !save.isPending) save.mutate(written); }} />
        </Dialog>
      ) : null}
    </div>
  );
}
