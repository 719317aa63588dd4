import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Pencil, Trash2, UsersRound } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { address, api, Problem, problemOf } from "../../api/client";
import { isSimulated, useSession } from "../../api/session";
import type { ChatMessage, ConversationDetail, Seat } from "../../api/types";
import { useSimulated } from "../../Shell";
import { Button, Fault, SelectField, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { Answers } from "./Answers";
import { Composer } from "./Composer";
import { Said } from "./Said";
import { SeatsDialog } from "./SeatsDialog";
import { READING_TITLES } from "./seats";
import { streamInto } from "./stream";
import { deepest, turns } from "./tree";

/** One conversation: its seats, the shown branch, and what is said next. */
export function Room({ id, onChanged }: { id: string; onChanged: () => void }) {
  const client = useQueryClient();
  const session = useSession();
  const [, go] = useLocation();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [picked, setPicked] = useState<Record<string, string>>({});
  const [open, setOpen] = useState<"" | "seats" | "export" | "delete" | "title">("");
  const [title, setTitle] = useState("");
  const flow = useRef<AbortController | null>(null);
  const bottom = useRef<HTMLDivElement>(null);
  const room = useQuery<ConversationDetail, Problem>({
    queryKey: ["conversation", id],
    queryFn: () => api.get(`/api/conversations/${id}`),
    refetchOnWindowFocus: false,
    // Another tab may be streaming, or this page was reloaded while it was.
    refetchInterval: (query) => (!flow.current && query.state.data?.messages.some((message) => message.status === "streaming") ? 1000 : false),
  });
  const conversation = room.data;
  const seats = useMemo(() => new Map((conversation?.seats ?? []).map((seat) => [seat.id, seat])), [conversation?.seats]);
  const speakers = (conversation?.seats ?? []).filter((seat) => seat.kind !== "human");
  const shown = useMemo(() => (conversation ? turns(conversation.messages, conversation.leaf, picked) : []), [conversation, picked]);
  useSimulated(
    (conversation?.messages.some((message) => message.is_simulated) ?? false) || speakers.some((seat) => isSimulated(session.data, seat.model)),
    "gives answers in this conversation",
  );

  const stream = useCallback(async (path: string, body: unknown) => {
    if (flow.current) return;
    const control = new AbortController();
    flow.current = control;
    setBusy(true);
    setProblem(null);
    try {
      await streamInto(client, id, path, body, control.signal);
    } catch (error) {
      if (!control.signal.aborted) setProblem(problemOf(error));
    } finally {
      flow.current = null;
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["conversation", id] });
      onChanged();
    }
  }, [client, id, onChanged]);

  const stop = useCallback(() => {
    const now = client.getQueryData<ConversationDetail>(["conversation", id]);
    for (const message of now?.messages ?? []) {
      if (message.status === "streaming") void api.post(`/api/conversations/${id}/messages/${message.id}/stop`).catch(() => undefined);
    }
    window.setTimeout(() => flow.current?.abort(), 400); // the server ends the stream itself; this is for when it does not
  }, [client, id]);

  useEffect(() => () => flow.current?.abort(), []);
  useEffect(() => {
    const press = (event: KeyboardEvent) => { if (event.key === "Escape" && flow.current && !document.querySelector("dialog[open]")) stop(); };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [stop]);

  const length = conversation?.messages.reduce((sum, message) => sum + message.text.length, 0) ?? 0;
  const follows = useRef(true);
  useEffect(() => {
    const note = () => { follows.current = window.innerHeight + window.scrollY > document.documentElement.scrollHeight - 260; };
    window.addEventListener("scroll", note, { passive: true });
    return () => window.removeEventListener("scroll", note);
  }, []);
  useLayoutEffect(() => { if (follows.current) window.scrollTo({ top: document.documentElement.scrollHeight }); }, [length, shown.length, problem]);

  const patch = useMutation<ConversationDetail, Problem, { title?: string; leaf?: string; seats?: Partial<Seat>[] }>({
    mutationFn: (change) => api.patch(`/api/conversations/${id}`, change),
    onSuccess: () => { setOpen(""); void client.invalidateQueries({ queryKey: ["conversation", id] }); onChanged(); },
    onError: setProblem,
  });
  const showBranch = (message: ChatMessage) => {
    if (!conversation) return;
    const leaf = deepest(conversation.messages, message.id);
    client.setQueryData<ConversationDetail>(["conversation", id], { ...conversation, leaf });
    patch.mutate({ leaf });
  };
  const remove = useMutation<unknown, Problem>({ mutationFn: () => api.remove(`/api/conversations/${id}`), onSuccess: () => { onChanged(); go("/chat"); }, onError: setProblem });

  if (room.error) return <div className="page"><h1>Chat</h1><Fault problem={room.error} retry={() => void room.refetch()} /><p><Link href="/chat">All conversations</Link></p></div>;
  if (!conversation) return <div className="page"><h1 className="visually-hidden">Chat</h1><Waiting lines={4} /></div>;

  const last = shown.at(-1);
  const tip = last?.kind === "said" ? last.message.id : (last?.answers.find((answer) => answer.isOnPath) ?? last?.answers[0])?.shown.id ?? null;
  const level = new Set(speakers.map((seat) => seat.reading_level));

  return (
    <>
      <header className="room-head">
        <div className="grow">
          <Link href="/chat" className="crumb only-narrow">All conversations</Link>
          <div className="row"><h1 className="room-title">{conversation.title || "Untitled"}</h1><Button kind="quiet" small icon={Pencil} aria-label="Rename" onClick={() => { setTitle(conversation.title); setOpen("title"); }} /></div>
          <p className="tiny muted">{conversation.seats.map((seat) => seat.name).join(" · ")}</p>
        </div>
        <div className="row wrap">
          <Button small icon={UsersRound} onClick={() => setOpen("seats")}>Seats{level.size === 1 && !level.has("free") ? `, ${READING_TITLES[[...level][0] ?? "free"]}` : ""}</Button>
          <Button small icon={Download} onClick={() => setOpen("export")}>Save</Button>
          <Button small kind="danger" icon={Trash2} aria-label="Delete this conversation" onClick={() => setOpen("delete")} />
        </div>
      </header>

      <div className="thread" aria-label="Conversation" role="log" aria-live="off">
        {shown.length === 0 ? (
          <p className="muted thread-start">
            {speakers.length > 1 ? `Ask ${speakers.length} seats one question: their answers stand side by side.` : `Say something to ${speakers[0]?.name ?? "the table"}.`}
            {" "}Every answer says how far it fits the persona’s traits and which of its sentences the persona’s own fields support.
          </p>
        ) : null}
        {shown.map((turn) =>
          turn.kind === "said" ? (
            <Said
              key={turn.message.parent ?? "first"}
              turn={turn}
              name={seats.get(turn.message.seat)?.name ?? "You"}
              isBusy={isBusy}
              onPick={showBranch}
              onEdit={(text) => void stream(`/api/conversations/${id}/messages`, { parent: turn.message.parent, text, seat: turn.message.seat })}
            />
          ) : (
            <Answers
              key={`answers-${turn.parent}`}
              turn={turn}
              seats={seats}
              speakers={speakers}
              isBusy={isBusy}
              isLast={turn === last}
              onPick={(message, isOnPath) => (isOnPath ? showBranch(message) : setPicked((now) => ({ ...now, [`${turn.parent}/${message.seat}`]: message.id })))}
              onContinue={showBranch}
              onAgain={(seat) => void stream(`/api/conversations/${id}/messages/${turn.parent}/replies`, { reply_from: [seat] })}
              onReact={(message, seat) => void stream(`/api/conversations/${id}/messages/${message.id}/replies`, { reply_from: [seat] })}
            />
          ),
        )}
        {problem ? <Fault problem={problem} retry={() => { setProblem(null); void room.refetch(); }} /> : null}
        <div ref={bottom} />
      </div>

      <Composer
        seats={conversation.seats}
        isBusy={isBusy}
        most={session.data?.limits.message_characters ?? 32_000}
        draftKey={`personae.said.${id}`}
        onStop={stop}
        onSend={(text, seat, from) => { follows.current = true; void stream(`/api/conversations/${id}/messages`, { parent: tip, text, seat, reply_from: from }); }}
      />

      {open === "seats" ? <SeatsDialog seats={conversation.seats} isSaving={patch.isPending} problem={patch.error} onClose={() => setOpen("")} onSave={(next) => patch.mutate({ seats: next })} /> : null}
      {open === "title" ? (
        <Dialog title="Rename" onClose={() => setOpen("")} footer={<><Button onClick={() => setOpen("")}>Cancel</Button><Button kind="primary" disabled={!title.trim()} onClick={() => patch.mutate({ title: title.trim() })}>Rename</Button></>}>
          <TextField label="Title" value={title} onText={setTitle} autoFocus onKeyDown={(event) => { if (event.key === "Enter" && title.trim()) patch.mutate({ title: title.trim() }); }} />
        </Dialog>
      ) : null}
      {open === "export" ? <SaveDialog id={id} onClose={() => setOpen("")} /> : null}
      {open === "delete" ? (
        <Dialog title="Delete this conversation?" lead="All its branches go; this cannot be taken back." onClose={() => setOpen("")} footer={<><Button onClick={() => setOpen("")}>Keep it</Button><Button kind="danger" onClick={() => remove.mutate()}>Delete for good</Button></>}>
          <p>Save it as a transcript first if you may need it.</p>
        </Dialog>
      ) : null}
    </>
  );
}

function SaveDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const [format, setFormat] = useState("markdown");
  return (
    <Dialog
      title="Save as transcript"
      lead="The file says who spoke, with which version of the persona and which model."
      onClose={onClose}
      footer={<><Button onClick={onClose}>Close</Button><a className="btn primary" download href={address(`/api/conversations/${id}/export`, { format })}><Download size={17} aria-hidden />Download</a></>}
    >
      <SelectField label="Format" value={format} onText={setFormat} options={[["markdown", "Markdown: the shown branch, to read"], ["json", "JSON: everything, with all branches"], ["jsonl", "JSONL: a line of messages for each branch, as fine-tuning wants it"]]} />
    </Dialog>
  );
}
