import { Copy, CornerDownRight, RotateCcw, Sparkles } from "lucide-react";
import { lazy, memo, Suspense, useId, useState } from "react";

import type { Adherence, ChatMessage, Seat } from "../../api/types";
import { pathWords } from "../../lib/paths";
import { levelWord } from "../../lib/traits";
import { duration, figure, money } from "../../lib/words";
import { Badge, Button, Meter } from "../../ui/controls";
import { useToast } from "../../ui/toast";
import { type Answer, numbered, type Turn, withMarks } from "./tree";
import { Recalled } from "./Recalled";
import { modelTitle } from "./seats";
import { VersionPicker } from "./VersionPicker";

const Markdown = lazy(() => import("../../ui/Markdown"));

interface Props {
  turn: Extract<Turn, { kind: "answers" }>;
  seats: Map<string, Seat>;
  speakers: Seat[];
  isBusy: boolean;
  isLast: boolean;
  onPick: (message: ChatMessage, isOnPath: boolean) => void;
  onContinue: (message: ChatMessage) => void;
  /** Asks a seat again; whether the conversation goes on from the new answer. */
  onAgain: (seat: string, isShown: boolean) => void;
  onReact: (message: ChatMessage, seat: string) => void;
}

/** The answers to one thing said, side by side where several seats gave one. */
export function Answers({ turn, seats, speakers, isBusy, isLast, onPick, onContinue, onAgain, onReact }: Props) {
  const isMany = turn.answers.length > 1;
  return (
    <div className={isMany ? "answers many" : "answers"}>
      {turn.answers.map((answer) => (
        <One
          key={answer.seat}
          answer={answer}
          seat={seats.get(answer.seat)}
          others={speakers.filter((seat) => seat.id !== answer.seat)}
          isMany={isMany}
          isBusy={isBusy}
          isLast={isLast}
          onPick={(message) => onPick(message, answer.isOnPath)}
          onContinue={() => onContinue(answer.shown)}
          onAgain={() => onAgain(answer.seat, answer.isOnPath || isLast)}
          onReact={(seat) => onReact(answer.shown, seat)}
        />
      ))}
    </div>
  );
}

interface OneProps {
  answer: Answer;
  seat: Seat | undefined;
  others: Seat[];
  isMany: boolean;
  isBusy: boolean;
  isLast: boolean;
  onPick: (message: ChatMessage) => void;
  onContinue: () => void;
  onAgain: () => void;
  onReact: (seat: string) => void;
}

const One = memo(function One({ answer, seat, others, isMany, isBusy, isLast, onPick, onContinue, onAgain, onReact }: OneProps) {
  const message = answer.shown;
  const say = useToast();
  const id = useId();
  const [marked, setMarked] = useState(0);
  const name = seat?.name ?? message.played?.name ?? "Somebody who left";
  const isStreaming = message.status === "streaming";
  return (
    <article className={`answer ${isMany && answer.isOnPath ? "on-path" : ""}`} aria-label={`Answer of ${name}`} aria-busy={isStreaming}>
      <header className="row between">
        <span className="row">
          {seat?.persona ? <img className="avatar" src={`/api/personas/${seat.persona}/avatar.svg`} alt="" width={28} height={28} /> : null}
          <strong>{name}</strong>
          {message.is_simulated ? <Badge tone="warn">simulated</Badge> : null}
        </span>
        <span className="tiny muted mono" title={message.model}>{message.played?.version ? `version ${message.played.version} · ` : ""}{modelTitle(message.model)}</span>
      </header>
      <div className="prose">
        {message.text ? <Suspense fallback={<p>{message.text}</p>}><Markdown text={isStreaming ? message.text : withMarks(message.text, message.sources)} onMark={setMarked} /></Suspense> : null}
        {isStreaming ? <span className="caret" role="status" aria-label={`${name} is answering`} /> : null}
        {message.status === "stopped" ? <p className="small muted">Stopped here.</p> : null}
        {message.status === "done" && !message.text.trim() ? <p className="small muted">The model said nothing.</p> : null}
        {message.finish === "length" ? <p className="small muted">Cut off: the longest answer was reached. It can be set under Seats.</p> : null}
        {message.finish === "filtered" ? <p className="small muted">The provider’s content filter ended it.</p> : null}
        {message.status === "failed" ? <div className="note bad small stack tight"><span>{message.error || "No answer came."}</span><span><Button small icon={RotateCcw} disabled={isBusy} onClick={onAgain}>Try again</Button></span></div> : null}
      </div>
      {!isStreaming ? (
        <footer className="stack tight">
          {message.adherence ? <Gauge adherence={message.adherence} /> : null}
          {message.sources.length ? (
            <details className="sources" open={marked > 0 || undefined}>
              <summary className="small">{message.sources.length === 1 ? "1 sentence rests on the persona" : `${message.sources.length} sentences rest on the persona`}</summary>
              <ol>
                {numbered(message.sources).map(({ source, number, sentences }) => (
                  <li key={number} id={`${id}-${number}`} className={marked === number ? "marked" : undefined}>
                    <span className="label tiny">{pathWords(source.path)}</span> <span className="small" dir="auto">{source.text}</span>
                    {sentences > 1 ? <span className="tiny muted"> {sentences} sentences</span> : null}
                    {source.by ? <span className="tiny muted block">From {source.by}{source.licence ? ` · ${source.licence}` : ""}</span> : null}
                  </li>
                ))}
              </ol>
            </details>
          ) : null}
          {message.recalled ? <Recalled found={message.recalled} /> : null}
          {message.worn_phrases?.length ? (
            <ul className="worn small">
              {message.worn_phrases.map((one) => (
                <li key={one.start}>
                  Look again: “{one.text}” <span className="muted">{one.kind === "deficit" ? "speaks of a deficit" : "is a stereotype"}; {one.remedy}</span>
                </li>
              ))}
            </ul>
          ) : null}
          <div className="row wrap between">
            <span className="tiny muted">
              {message.reading ? <>{message.reading.words} words{message.reading.grade !== null ? `, school grade ${figure(message.reading.grade, 1)}${asked(message.reading)}` : ""} · </> : null}
              {duration(message.seconds)}
              {message.cost !== null && message.cost > 0 ? ` · ${money(message.cost)}` : ""}
            </span>
            <span className="row tools">
              <VersionPicker versions={answer.versions} shown={message} onPick={onPick} what="answer" />
              <Button kind="quiet" small icon={Copy} aria-label="Copy the answer" onClick={() => void navigator.clipboard.writeText(message.text).then(() => say("Answer copied"))} />
              <Button kind="quiet" small icon={RotateCcw} aria-label={`Ask ${name} again`} disabled={isBusy} onClick={onAgain} />
              {isMany && isLast && !answer.isOnPath ? <Button kind="quiet" small icon={CornerDownRight} onClick={onContinue}>Go on from here</Button> : null}
              {isMany && isLast && answer.isOnPath ? <Badge tone="accent">goes on from here</Badge> : null}
            </span>
          </div>
          {isLast && others.length ? (
            <div className="row wrap">
              {others.slice(0, 4).map((other) => <Button key={other.id} kind="quiet" small icon={Sparkles} disabled={isBusy} onClick={() => onReact(other.id)}>{other.name} reacts</Button>)}
            </div>
          ) : null}
        </footer>
      ) : null}
    </article>
  );
});

/** How far the words of an answer fit the persona's traits; an estimate, and said to be one. */
function Gauge({ adherence }: { adherence: Adherence }) {
  const { score } = adherence;
  if (score === null && adherence.traits.length === 0) return null;
  const percent = score === null ? null : Math.round(score * 100);
  const tone = score === null || score >= 0.6 ? "" : score >= 0.35 ? "warn" : "bad";
  return (
    <details className="gauge">
      <summary className="row">
        <span className="small nowrap">Fits the persona</span>
        {percent === null ? <span className="tiny muted">too few words to tell</span> : <><span className="grow"><Meter label={`Fits the persona: ${percent} %`} value={score ?? 0} tone={tone} /></span><span className="tiny num">{percent} %</span></>}
      </summary>
      <table className="data small">
        <thead><tr><th>Trait</th><th>Persona</th><th>Heard</th></tr></thead>
        <tbody>
          {adherence.traits.map((trait) => (
            <tr key={trait.key}>
              <td>{trait.title}</td>
              <td>{levelWord(trait.wanted)}</td>
              <td>
                {trait.heard === null ? <span className="muted">nothing</span> : levelWord(trait.heard)}
                {trait.agrees === null ? null : <> <Badge tone={trait.agrees ? "good" : "bad"}>{trait.agrees ? "agrees" : "differs"}</Badge></>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="tiny muted">{adherence.method}{adherence.note ? `. ${adherence.note}` : ""}</p>
    </details>
  );
}

/** Whether the level of reading that was asked for is kept. */
function asked({ grade, most }: { grade: number | null; most?: number | null }): string {
  if (grade === null || !most) return "";
  return grade > most ? ` (above the ${most} asked for)` : ` (within the ${most} asked for)`;
}
