import { Undo2 } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";

import { address, api, type Problem, problemOf } from "../../api/client";
import type { NextTask, RatingTask } from "../../api/types";
import { Button, Fault, Meter, Waiting } from "../../ui/controls";
import { isTyping } from "../../ui/shortcuts";

interface Props {
  /** Where the tasks are: `/api/ratings/ID` or `/api/rate/TOKEN`. */
  at: string;
  rater?: string;
  onAnswer?: () => void;
}

/** One task after another; a key answers, a key takes back. */
export function Desk({ at, rater, onAnswer }: Props) {
  const [task, setTask] = useState<RatingTask | null>(null);
  const [place, setPlace] = useState<{ done: number; total: number } | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const begun = useRef(0);
  const isSending = useRef(false);
  const query = rater ? { rater } : {};

  const ask = useCallback(async () => {
    const next = await api.get<NextTask>(address(`${at}/next`, rater ? { rater } : {}));
    begun.current = Date.now();
    setTask(next.task);
    setPlace({ done: next.done, total: next.total });
  }, [at, rater]);

  const guarded = useCallback(async (act: () => Promise<void>) => {
    if (isSending.current) return; // a key that is held down answers once
    isSending.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      isSending.current = false;
      setBusy(false);
    }
  }, []);

  useEffect(() => void guarded(ask), [guarded, ask]);

  const answer = (given: { choice: "A" | "B" | "tie" } | { value: number }) => guarded(async () => {
    if (!task) return;
    await api.post(address(`${at}/answers`, query), { task: task.id, ...given, seconds: (Date.now() - begun.current) / 1000 });
    onAnswer?.();
    await ask();
  });
  const undo = () => guarded(async () => {
    const before = await api.post<{ task: RatingTask | null; done: number }>(address(`${at}/undo`, query));
    begun.current = Date.now();
    if (before.task) setTask(before.task);
    setPlace((now) => (now ? { ...now, done: before.done } : now));
    onAnswer?.();
  });

  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  keys.current = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const scale = task?.scale;
    if (key === "u" || event.key === "Backspace") { event.preventDefault(); void undo(); }
    else if (task && scale && /^[0-9]$/.test(key)) {
      const value = Number(key);
      if (value >= scale.lowest && value <= scale.highest) { event.preventDefault(); void answer({ value }); }
    } else if (task && !scale) {
      if (key === "a" || event.key === "ArrowLeft") { event.preventDefault(); void answer({ choice: "A" }); }
      else if (key === "b" || event.key === "ArrowRight") { event.preventDefault(); void answer({ choice: "B" }); }
      else if (key === "t" || event.key === "ArrowDown") { event.preventDefault(); void answer({ choice: "tie" }); }
    }
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => keys.current(event);
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);

  if (!place && !problem) return <Waiting lines={4} />;
  const scale = task?.scale ?? null;
  return (
    <section className="stack" aria-label="Task" aria-busy={isBusy}>
      {problem ? <Fault problem={problem} retry={() => void guarded(ask)} /> : null}
      {place ? (
        <div className="stack tight">
          <div className="row between small"><span role="status">{place.done} of {place.total} done</span><Button small kind="quiet" icon={Undo2} disabled={place.done === 0 || isBusy} onClick={() => void undo()}>Take back <kbd>U</kbd></Button></div>
          <Meter label="Done" value={place.total ? place.done / place.total : 0} />
        </div>
      ) : null}
      {place && !task ? <div className="empty"><h2>All done, thank you</h2><p>Every task has your answer. You can still take the last one back.</p></div> : null}
      {task ? (
        <>
          <h2>{task.question}</h2>
          <div className={task.texts.length > 1 ? "pair" : undefined}>
            {task.texts.map((text) => (
              <article key={text.label} className="card pad stack rated" aria-label={task.texts.length > 1 ? `Text ${text.label}` : "Text"}>
                {task.texts.length > 1 ? <h3>{text.label}</h3> : null}
                <p className="prewrap">{text.text}</p>
              </article>
            ))}
          </div>
          {scale ? (
            <div className="stack tight">
              <div className="row wrap likert" role="group" aria-label="Your rating">
                {Array.from({ length: scale.highest - scale.lowest + 1 }, (_, index) => scale.lowest + index).map((value) => <Button key={value} disabled={isBusy} aria-label={`${value}${value === scale.lowest ? `, ${scale.low_label}` : value === scale.highest ? `, ${scale.high_label}` : ""}`} onClick={() => void answer({ value })}>{value}</Button>)}
              </div>
              <div className="row between small muted"><span>{scale.lowest}: {scale.low_label}</span><span>{scale.highest}: {scale.high_label}</span></div>
            </div>
          ) : (
            <div className="row wrap" role="group" aria-label="Your choice">
              <Button kind="primary" disabled={isBusy} onClick={() => void answer({ choice: "A" })}>A is better</Button>
              <Button disabled={isBusy} onClick={() => void answer({ choice: "tie" })}>No difference</Button>
              <Button kind="primary" disabled={isBusy} onClick={() => void answer({ choice: "B" })}>B is better</Button>
              <span className="small muted hide-narrow"><kbd>A</kbd> <kbd>T</kbd> <kbd>B</kbd>, or the arrows</span>
            </div>
          )}
        </>
      ) : null}
    </section>
  );
}
