import { useMutation } from "@tanstack/react-query";
import { MessagesSquare } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import { modelOptions, useSession } from "../../api/session";
import type { Conversation, PersonaSummary } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { count as told } from "../../lib/words";
import { Button, Empty, Fault, SearchBox, Waiting } from "../../ui/controls";
import { modelSeat, modelTitle, personaSeat } from "./seats";

const MOST_SEATS = 11;

/** Who sits at the table: one persona to talk to, several to compare, plain models beside them. */
export function Begin({ isFirst }: { isFirst: boolean }) {
  const session = useSession();
  const [words, setWords] = useState("");
  const list = usePages<PersonaSummary>("/api/personas", { q: useSettled(words) });
  const [chosen, setChosen] = useState<PersonaSummary[]>([]);
  const [plain, setPlain] = useState<string[]>([]);
  const [players, setPlayers] = useState<string[]>([]);
  const [, go] = useLocation();
  const playedBy = players.length ? players : [session.data?.default_model ?? ""];
  const begin = useMutation<Conversation, Problem>({
    mutationFn: () => {
      return api.post("/api/conversations", {
        seats: [...chosen.flatMap((persona) => playedBy.map((model) => personaSeat(persona, model, playedBy.length > 1 ? `${persona.name || persona.slug} · ${modelTitle(model)}`.slice(0, 100) : undefined))), ...plain.map((name) => modelSeat(name))],
      });
    },
    onSuccess: (conversation) => go(`/chat/${conversation.id}`),
  });
  const count = chosen.length * playedBy.length + plain.length;
  const toggled = (now: string[], name: string) => (now.includes(name) ? now.filter((one) => one !== name) : [...now, name]);
  const toggle = (persona: PersonaSummary) =>
    setChosen((now) => (now.some((one) => one.slug === persona.slug) ? now.filter((one) => one.slug !== persona.slug) : [...now, persona]));

  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Chat</h1>
          <p>Pick one persona to talk to, or several to put one question to all of them side by side. A plain model beside them shows what the persona changes.</p>
        </div>
      </div>
      {begin.error ? <Fault problem={begin.error} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 && !words ? (
        <Empty icon={MessagesSquare} title={isFirst ? "Nobody to talk to yet" : "No personas"} action={<Link className="btn primary" href="/personas/new">Describe a persona</Link>}>
          A conversation needs somebody: describe a persona or import a character card. You can also talk with a plain model, below.
        </Empty>
      ) : (
        <section className="stack" aria-label="Personas">
          <div className="row wrap between"><h2>Personas</h2><SearchBox label="Search personas" value={words} onText={setWords} /></div>
          <ul className="grid plain">
            {list.items.slice(0, 24).map((persona) => {
              const isChosen = chosen.some((one) => one.slug === persona.slug);
              return (
                <li key={persona.slug}>
                  <label className={`card pad pick ${isChosen ? "picked" : ""}`}>
                    <input type="checkbox" checked={isChosen} onChange={() => toggle(persona)} />
                    <img className="avatar" src={persona.avatar} alt="" width={36} height={36} />
                    <span className="grow"><strong>{persona.name || persona.slug}</strong><span className="tiny muted clamp">{persona.description}</span></span>
                  </label>
                </li>
              );
            })}
          </ul>
          {(list.data?.pages[0]?.total ?? 0) > 24 ? <p className="small muted">24 of {told(list.data?.pages[0]?.total ?? 0)} are shown: search for the others.</p> : null}
        </section>
      )}
      <section className="stack" aria-label="Models">
        <h2>Models</h2>
        <div className="two">
          <fieldset className="field plain-set">
            <legend className="label">Personas are played by</legend>
            {modelOptions(session.data).map(([name, title]) => (
              <label key={name} className="check"><input type="checkbox" checked={playedBy.includes(name)} onChange={() => setPlayers(toggled(playedBy, name))} />{title}</label>
            ))}
            <span className="hint">Several: each persona takes a seat with each of them. Each seat can get another model later.</span>
          </fieldset>
          <fieldset className="field plain-set">
            <legend className="label">Plain models beside them</legend>
            {modelOptions(session.data).map(([name, title]) => (
              <label key={name} className="check"><input type="checkbox" checked={plain.includes(name)} onChange={() => setPlain((now) => toggled(now, name))} />{title}</label>
            ))}
          </fieldset>
        </div>
      </section>
      {count > MOST_SEATS ? <p className="small error-text" role="alert">{count} seats; at most {MOST_SEATS} go round one table.</p> : null}
      <div><Button kind="primary" icon={MessagesSquare} disabled={count === 0 || count > MOST_SEATS || begin.isPending} onClick={() => begin.mutate()}>{count > 1 ? `Begin with ${count} seats` : "Begin"}</Button></div>
    </div>
  );
}
