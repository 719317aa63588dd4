import { useEffect, useRef, useState } from "react";

import type { AnswerOption, Form } from "../../api/types";
import { isTyping } from "../../ui/shortcuts";
import { Button, Hint, Meter } from "../../ui/controls";
import { beginTaking, keepTaking, keptTaking, type Taking } from "./taking";

export interface Given {
  answers: Record<string, number | null>;
  seconds: number;
  submission: string;
}

interface Props {
  form: Form;
  consent: string;
  /** Under what name the answers stay in this browser until they are sent. */
  place: string;
  isSending: boolean;
  onSend: (given: Given) => void;
}

/** A questionnaire: consent first, then items that a digit answers, and nothing that has to be answered. */
export function TakeForm(props: Props) {
  const [isAgreed, setAgreed] = useState(false);
  const [kept] = useState(() => keptTaking(props.place));
  const [begun, setBegun] = useState<Taking | null>(kept);
  if (begun) return <Items key={begun.submission} {...props} begun={begun} isResumed={begun === kept} onAnew={() => { setBegun(beginTaking()); }} />;
  return (
    <section className="card pad stack" aria-label="Consent">
      <h2>Before you begin</h2>
      <p className="prewrap">{props.consent}</p>
      <label className="check"><input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked)} /><span>I have read this, and I take part of my own will.</span></label>
      <div><Button kind="primary" disabled={!isAgreed} onClick={() => setBegun(beginTaking())}>Begin: {props.form.items.length} items</Button></div>
    </section>
  );
}

interface ItemsProps extends Props {
  begun: Taking;
  isResumed: boolean;
  onAnew: () => void;
}

function Items({ form, place, isSending, onSend, begun, isResumed, onAnew }: ItemsProps) {
  const optionsOf = (index: number): AnswerOption[] => form.items[index]?.options ?? form.options;
  const [answers, setAnswers] = useState(begun.answers);
  const firstOpen = form.items.findIndex((item) => answers[item.id] === undefined);
  const [at, setAt] = useState(Math.max(0, firstOpen));
  const since = useRef(Date.now());
  const list = useRef<HTMLOListElement>(null);
  const seconds = () => begun.seconds + (Date.now() - since.current) / 1000;
  const set = (id: string, value: number) => {
    setAnswers((now) => {
      const next = { ...now, [id]: value };
      keepTaking(place, { ...begun, answers: next, seconds: seconds() });
      return next;
    });
  };
  const move = (index: number) => {
    const to = Math.max(0, Math.min(form.items.length - 1, index));
    setAt(to);
    const item = list.current?.children[to];
    const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    item?.scrollIntoView({ block: "center", behavior: isStill ? "auto" : "smooth" });
    const inputs = item?.querySelectorAll<HTMLInputElement>("input");
    const chosen = [...(inputs ?? [])].find((input) => input.checked) ?? inputs?.[0];
    chosen?.focus({ preventScroll: true });
  };
  useEffect(() => { if (isResumed) move(at); }, []); // eslint-disable-line react-hooks/exhaustive-deps
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isRadio = event.target instanceof HTMLInputElement && event.target.type === "radio";
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || (isTyping(event) && !isRadio)) return;
      const item = form.items[at];
      const option = /^[1-9]$/.test(event.key) ? optionsOf(at)[Number(event.key) - 1] : undefined;
      if (option && item) {
        event.preventDefault();
        set(item.id, option.value);
        move(at + 1);
      } else if (event.key === "Backspace" || event.key.toLowerCase() === "u") {
        event.preventDefault();
        move(at - 1);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  const answered = form.items.filter((item) => answers[item.id] !== undefined).length;
  const send = () => onSend({ answers: Object.fromEntries(form.items.map((item) => [item.id, answers[item.id] ?? null])), seconds: seconds(), submission: begun.submission });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); if (!isSending) send(); }}>
      <div className="take-head stack tight">
        <div className="row between small"><span role="status">{answered} of {form.items.length} answered</span><span className="muted hide-narrow"><kbd>1</kbd>–<kbd>{Math.min(9, optionsOf(at).length)}</kbd> answer, <kbd>U</kbd> goes back</span></div>
        <Meter label="Answered" value={answered / form.items.length} />
      </div>
      {isResumed && answered > 0 ? <Hint>You go on where you stopped. Your answers were kept in this browser and are not sent yet. <Button small onClick={() => { keepTaking(place, null); onAnew(); }}>Begin anew</Button></Hint> : null}
      {form.instructions ? <p className="prewrap">{form.instructions}</p> : null}
      <ol className="plain stack" ref={list}>
        {form.items.map((item, index) => (
          <li key={item.id}>
            <fieldset className={`card pad item ${index === at ? "current" : ""}`} onFocus={() => setAt(index)}>
              <legend><span className="muted num">{index + 1}.</span> {form.stem ? `${form.stem} ` : ""}{item.text}</legend>
              <div className="options">
                {optionsOf(index).map((option, position) => (
                  <label key={option.value} className="option">
                    <input type="radio" name={item.id} checked={answers[item.id] === option.value} onChange={() => set(item.id, option.value)} />
                    <span><span className="tiny muted num">{position + 1}</span> {option.label}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      <div className="row wrap"><Button kind="primary" type="submit" disabled={answered === 0 || isSending}>{isSending ? "Sending…" : "Send, and see my scores"}</Button>{answered < form.items.length ? <span className="small muted">{form.items.length - answered} left open; that is allowed.</span> : null}</div>
    </form>
  );
}
