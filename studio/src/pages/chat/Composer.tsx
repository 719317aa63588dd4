import { ArrowUp, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { Seat } from "../../api/types";
import { count } from "../../lib/words";
import { Button } from "../../ui/controls";

interface Props {
  seats: Seat[];
  isBusy: boolean;
  most: number;
  draftKey: string;
  /** Gives whether the server took it; what it did not take is put back. */
  onSend: (text: string, seat: string | undefined, from: string[]) => Promise<boolean>;
  onStop: () => void;
}

/** What is said next, as whom, and who shall answer. */
export function Composer({ seats, isBusy, most, draftKey, onSend, onStop }: Props) {
  const [text, setText] = useState(() => localStorage.getItem(draftKey) ?? "");
  const people = seats.filter((seat) => seat.kind === "human");
  const speakers = seats.filter((seat) => seat.kind !== "human");
  const [asWho, setAsWho] = useState("");
  const [silent, setSilent] = useState<string[]>([]);
  const box = useRef<HTMLTextAreaElement>(null);
  const from = speakers.map((seat) => seat.id).filter((id) => !silent.includes(id));
  useEffect(() => {
    if (text) localStorage.setItem(draftKey, text);
    else localStorage.removeItem(draftKey);
  }, [text, draftKey]);
  useEffect(() => box.current?.focus({ preventScroll: true }), []);
  const wasBusy = useRef(isBusy);
  useEffect(() => {
    // The button that stops, or that asked again, is gone or was off: who was there by keyboard goes on writing.
    const at = document.activeElement;
    const isLost = at === document.body || (at instanceof HTMLButtonElement && at.disabled);
    if (wasBusy.current && !isBusy && isLost) box.current?.focus({ preventScroll: true });
    wasBusy.current = isBusy;
  }, [isBusy]);
  const isTooLong = text.length > most;
  const send = () => {
    const said = text.trim();
    if (!said || isBusy || isTooLong) return;
    setText("");
    void onSend(said, asWho || people[0]?.id, from).then((isTaken) => { if (!isTaken) setText((now) => now || said); });
  };
  return (
    <form className="composer" onSubmit={(event) => { event.preventDefault(); send(); }}>
      {people.length > 1 || speakers.length > 1 ? (
        <div className="row wrap composer-who">
          {people.length > 1 ? (
            <label className="row small">Speak as
              <select className="select compact" value={asWho || people[0]?.id} onChange={(event) => setAsWho(event.target.value)}>
                {people.map((seat) => <option key={seat.id} value={seat.id}>{seat.name}</option>)}
              </select>
            </label>
          ) : null}
          {speakers.length > 1 ? (
            <fieldset className="plain-set row wrap">
              <legend className="visually-hidden">Who answers</legend>
              <span className="small muted" aria-hidden>Who answers</span>
              {speakers.map((seat) => (
                <label key={seat.id} className="chip"><input type="checkbox" checked={!silent.includes(seat.id)} onChange={() => setSilent((now) => (now.includes(seat.id) ? now.filter((id) => id !== seat.id) : [...now, seat.id]))} />{seat.name}</label>
              ))}
            </fieldset>
          ) : null}
        </div>
      ) : null}
      <div className="composer-box">
        <textarea
          ref={box}
          aria-label="Your message"
          dir="auto"
          placeholder={from.length === 1 ? `Say something to ${speakers.find((seat) => seat.id === from[0])?.name ?? "them"}` : from.length ? `Ask ${from.length} seats` : "Say something; nobody answers"}
          rows={1}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => { if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) { event.preventDefault(); send(); } }}
        />
        {isBusy ? <Button key="stop" icon={Square} aria-label="Stop the answers" onClick={onStop} /> : <Button key="send" kind="primary" type="submit" icon={ArrowUp} aria-label="Send" disabled={!text.trim() || isTooLong} />}
      </div>
      {isTooLong ? <p className="small error-text" role="alert">{count(text.length)} characters; at most {count(most)} go into one message.</p> : null}
    </form>
  );
}
