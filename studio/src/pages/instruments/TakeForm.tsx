import { useEffect, useRef, useState } from "react";

import type { Form } from "../../api/types";
import { isTyping } from "../../ui/shortcuts";
import { Button, Meter } from "../../ui/controls";

interface Props {
  form: Form;
  consent: string;
  isSending: boolean;
  onSend: (answers: Record<string, number | null>, seconds: number) => void;
}

/** A questionnaire: consent first, then items that a digit answers, and nothing that has to be answered. */
export function TakeForm({ form, consent, isSending, onSend }: Props) {
  const [isAgreed, setAgreed] = useState(false);
  const [isBegun, setBegun] = useState(false);
  const [answers, setAnswers] = useState<Record<string, number>>({});
  const [at, setAt] = useState(0);
  const begun = useRef(0);
  const list = useRef<HTMLOListElement>(null);
  const move = (index: number) => {
    const to = Math.max(0, Math.min(form.items.length - 1, index));
    setAt(to);
    const item = list.current?.children[to];
    item?.scrollIntoView({ block: "center", behavior: "smooth" });
    const inputs = item?.querySelectorAll<HTMLInputElement>("input");
    const chosen = [...(inputs ?? [])].find((input) => input.checked) ?? inputs?.[0];
    chosen?.focus({ preventScroll: true });
  };
  useEffect(() => {
    if (!isBegun) return;
    const press = (event: KeyboardEvent) => {
      const isRadio = event.target instanceof HTMLInputElement && event.target.type === "radio";
      if (event.ctrlKey || event.metaKey || event.altKey || (isTyping(event) && !isRadio)) return;
      const item = form.items[at];
      const option = /^[1-9]$/.test(event.key) ? form.options[Number(event.key) - 1] : undefined;
      if (option && item) {
        event.preventDefault();
        setAnswers((now) => ({ ...now, [item.id]: option.value }));
        move(at + 1);
      } else if (event.key === "Backspace" || event.key.toLowerCase() === "u") {
        event.preventDefault();
        move(at - 1);
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  if (!isBegun) {
    return (
      <section className="card pad stack" aria-label="Consent">
        <h2>Before you begin</h2>
        <p className="prewrap">{consent}</p>
        <label className="check"><input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked)} /><span>I have read this, and I take part of my own will.</span></label>
        <div><Button kind="primary" disabled={!isAgreed} onClick={() => { begun.current = Date.now(); setBegun(true); }}>Begin: {form.items.length} items</Button></div>
      </section>
    );
  }
  const answered = Object.keys(answers).length;
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); onSend(Object.fromEntries(form.items.map((item) => [item.id, answers[item.id] ?? null])), (Date.now() - begun.current) / 1000); }}>
      <div className="take-head stack tight">
        <div className="row between small"><span>{answered} of {form.items.length} answered</span><span className="muted hide-narrow"><kbd>1</kbd>–<kbd>{Math.min(9, form.options.length)}</kbd> answer, <kbd>U</kbd> goes back</span></div>
        <Meter label="Answered" value={answered / form.items.length} />
      </div>
      {form.instructions ? <p className="prewrap">{form.instructions}</p> : null}
      <ol className="plain stack" ref={list}>
        {form.items.map((item, index) => (
          <li key={item.id}>
            <fieldset className={`card pad item ${index === at ? "current" : ""}`} onFocus={() => setAt(index)}>
              <legend><span className="muted num">{index + 1}.</span> {form.stem ? `${form.stem} ` : ""}{item.text}</legend>
              <div className="options">
                {form.options.map((option, position) => (
                  <label key={option.value} className="option">
                    <input type="radio" name={item.id} checked={answers[item.id] === option.value} onChange={() => setAnswers((now) => ({ ...now, [item.id]: option.value }))} />
                    <span><span className="tiny muted num">{position + 1}</span> {option.label}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      <div className="row wrap"><Button kind="primary" type="submit" disabled={answered === 0 || isSending}>{isSending ? "Scoring…" : "See my scores"}</Button>{answered < form.items.length ? <span className="small muted">{form.items.length - answered} left open; that is allowed.</span> : null}</div>
    </form>
  );
}
