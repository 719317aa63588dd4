import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronUp, Download, Pencil, Trash2, UsersRound } from "lucide-react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { isSimulated, useSession } from "../../api/session";
import type { ChatMessage, ConversationDetail, Seat } from "../../api/types";
import { count } from "../../lib/words";
import { useSimulated } from "../../Shell";
import { Button, Fault, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { Answers } from "./Answers";
import { Composer } from "./Composer";
import { useFlow } from "./flow";
import { useFollowing } from "./following";
import { Said } from "./Said";
import { SaveDialog } from "./SaveDialog";
import { SeatsDialog } from "./SeatsDialog";
import { READING_TITLES } from "./seats";
import { Table } from "./Table";
import { deepest, turns } from "./tree";

/** Turns that are drawn at first, and at each step back: a long conversation stays as quick as a short one. */
const MOST_TURNS = 40;

/** One conversation: its seats, the shown branch, and what is said next. */
export function Room({ id, onChanged }: { id: string; onChanged: () => void }) {
  const client = useQueryClient();
  const session = useSession();
  const [, go] = useLocation();
  const [picked, setPicked] = useState<Record<string, string>>({});
  const [open, setOpen] = useState<"" | "seats" | "export" | "delete" | "title">("");
  const [title, setTitle] = useState("");
  const [most, setMost] = useState(MOST_TURNS);
  const thread = useRef<HTMLDivElement>(null);
  const room = useQuery<ConversationDetail, Problem>({
    queryKey: ["conversation", id],
    queryFn: () => api.get(`/api/conversations/${id}`),
    refetchOnWindowFocus: (query) => (query.state.data?.messages.some((message) => message.status === "streaming") ? false : "always"),
  });
  const conversation = room.data;
  const { isWriting, problem, setProblem, stream, stop, tell } = useFlow(id, conversation, onChanged);
  const seats = useMemo(() => new Map((conversation?.seats ?? []).map((seat) => [seat.id, seat])), [conversation?.seats]);
  const speakers = (conversation?.seats ?? []).filter((seat) => seat.kind !== "human");
  const shown = useMemo(() => (conversation ? turns(conversation.messages, conversation.leaf, picked) : []), [conversation, picked]);
  useSimulated(
    (conversation?.messages.some((message) => message.is_simulated) ?? false) || speakers.some((seat) => isSimulated(session.data, seat.model)),
    "gives answers in this conversation",
  );

  const follow = useFollowing(thread, conversation !== undefined);
  const heightBefore = useRef(0);
  useLayoutEffect(() => {
    // Earlier turns come above what is read: it stays where it is.
    if (heightBefore.current && thread.current) window.scrollBy({ top: thread.current.scrollHeight - heightBefore.current });
    heightBefore.current = 0;
  }, [most]);

  const patch = useMutation<ConversationDetail, Problem, { title?: string; leaf?: string; seats?: Partial<Seat>[] }>({
    mutationFn: (change) => api.patch(`/api/conversations/${id}`, change),
    onSuccess: () => { setOpen(""); void client.invalidateQueries({ queryKey: ["conversation", id] }); tell(); onChanged(); },
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
          <div className="row"><h1 className="room-title" dir="auto">{conversation.title || "Untitled"}</h1><Button kind="quiet" small icon={Pencil} aria-label="Rename" onClick={() => { setTitle(conversation.title); setOpen("title"); }} /></div>
          <Table seats={conversation.seats} isSaving={patch.isPending} onSeats={(seats) => patch.mutate({ seats })} />
        </div>
        <div className="row wrap">
          <Button small icon={UsersRound} onClick={() => setOpen("seats")}>Seats{level.size === 1 && !level.has("free") ? `, ${READING_TITLES[[...level][0] ?? "free"]}` : ""}</Button>
          <Button small icon={Download} onClick={() => setOpen("export")}>Save</Button>
          <Button small kind="danger" icon={Trash2} aria-label="Delete this conversation" onClick={() => setOpen("delete")} />
        </div>
      </header>

      <div ref={thread} className="thread" aria-label="Conversation" role="log" aria-live="off">
        {shown.length > most ? (
          <div className="row earlier">
            <Button small icon={ChevronUp} onClick={() => { heightBefore.current = thread.current?.scrollHeight ?? 0; setMost(most + MOST_TURNS); }}>Show earlier messages</Button>
            <Button small kind="quiet" onClick={() => { heightBefore.current = thread.current?.scrollHeight ?? 0; setMost(shown.length); }}>Show all {count(shown.length)}</Button>
          </div>
        ) : null}
        {shown.length === 0 ? (
          <p className="muted thread-start">
            {speakers.length > 1 ? `Ask ${speakers.length} seats one question: their answers stand side by side.` : `Say something to ${speakers[0]?.name ?? "the table"}.`}
            {" "}Every answer says how far it fits the persona’s traits and which of its sentences the persona’s own fields support.
          </p>
        ) : null}
        {shown.slice(-most).map((turn) =>
          turn.kind === "said" ? (
            <Said
              key={turn.message.parent ?? "first"}
              turn={turn}
              name={seats.get(turn.message.seat)?.name ?? "You"}
              isBusy={isWriting}
              onPick={showBranch}
              onEdit={(text) => stream(`/api/conversations/${id}/messages`, { parent: turn.message.parent, text, seat: turn.message.seat })}
            />
          ) : (
            <Answers
              key={`answers-${turn.parent}`}
              turn={turn}
              seats={seats}
              speakers={speakers}
              isBusy={isWriting}
              isLast={turn === last}
              onPick={(message, isOnPath) => (isOnPath ? showBranch(message) : setPicked((now) => ({ ...now, [`${turn.parent}/${message.seat}`]: message.id })))}
              onContinue={showBranch}
              onAgain={(seat, isShown) => void stream(`/api/conversations/${id}/messages/${turn.parent}/replies`, { reply_from: [seat], is_shown: isShown }).then(() => setPicked(({ [`${turn.parent}/${seat}`]: _, ...others }) => others))}
              onReact={(message, seat) => void stream(`/api/conversations/${id}/messages/${message.id}/replies`, { reply_from: [seat] })}
            />
          ),
        )}
        {problem ? <Fault problem={problem} retry={() => { setProblem(null); void room.refetch(); }} /> : null}
        <p className="visually-hidden" role="status">{isWriting ? "An answer is being written." : last?.kind === "answers" ? "The answer is there." : ""}</p>
      </div>

      <Composer
        seats={conversation.seats}
        isBusy={isWriting}
        most={session.data?.limits.message_characters ?? 32_000}
        draftKey={`personae.said.${id}`}
        onStop={stop}
        onSend={(text, seat, from) => { follow(); return stream(`/api/conversations/${id}/messages`, { parent: tip, text, seat, reply_from: from }); }}
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
