import { Pencil } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { ChatMessage } from "../../api/types";
import { count } from "../../lib/words";
import { Button, TextArea } from "../../ui/controls";
import type { Turn } from "./tree";
import { VersionPicker } from "./VersionPicker";

interface Props {
  turn: Extract<Turn, { kind: "said" }>;
  name: string;
  isBusy: boolean;
  onPick: (message: ChatMessage) => void;
  onEdit: (text: string) => Promise<boolean>;
}

/** What a person said; editing makes a new branch beside it. */
export function Said({ turn, name, isBusy, onPick, onEdit }: Props) {
  const { message, versions } = turn;
  const [text, setText] = useState<string | null>(null);
  const tools = useRef<HTMLDivElement>(null);
  const wasEditing = useRef(false);
  useEffect(() => {
    // Back to the pencil when an edit is given up; when it is sent, the pencil is off and the composer takes over.
    if (wasEditing.current && text === null) tools.current?.querySelector<HTMLButtonElement>("button:last-of-type:enabled")?.focus({ preventScroll: true });
    wasEditing.current = text !== null;
  }, [text]);
  if (text !== null) {
    const send = () => {
      if (!text.trim() || isBusy) return;
      const said = text;
      setText(null);
      void onEdit(said.trim()).then((isTaken) => { if (!isTaken) setText(said); });
    };
    return (
      <div className="said editing card pad stack">
        <TextArea label="Say it differently: a new branch, the old one stays" value={text} onText={setText} autoFocus onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) { event.preventDefault(); send(); } if (event.key === "Escape") { event.preventDefault(); setText(null); } }} />
        <div className="row"><Button kind="primary" small disabled={!text.trim() || isBusy} onClick={send}>Ask again</Button><Button small onClick={() => setText(null)}>Cancel</Button></div>
      </div>
    );
  }
  return (
    <div className="said">
      <div className="tiny muted">{name}</div>
      <Bubble text={message.text} />
      <div className="row tools" ref={tools}>
        <VersionPicker versions={versions} shown={message} onPick={onPick} what="branch" />
        <Button kind="quiet" small icon={Pencil} aria-label="Edit what was said" disabled={isBusy} onClick={() => setText(message.text)} />
      </div>
    </div>
  );
}

const LONG = 3000;

/** What was said; of a very long text the beginning, until all is wanted. */
function Bubble({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  if (text.length <= LONG || isWhole) return <div className="bubble" dir="auto">{text}</div>;
  return (
    <div className="bubble" dir="auto">
      {text.slice(0, LONG / 2).trimEnd()} …
      <p><Button small onClick={() => setWhole(true)}>Show all {count(text.length)} characters</Button></p>
    </div>
  );
}
