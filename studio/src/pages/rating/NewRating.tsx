import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Conversation, RatingSet } from "../../api/types";
import { plural } from "../../lib/words";
import { Button, Fault, Field, Segmented, TextArea, TextField } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { FromRun, type RunTexts } from "./FromRun";
import { groupedTexts } from "./texts";

const QUESTIONS = { pairwise: "Which of the two sounds more like a real person?", likert: "How much does this sound like a real person?" };

export function NewRating({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<"pairwise" | "likert">("pairwise");
  const [question, setQuestion] = useState(QUESTIONS.pairwise);
  const [from, setFrom] = useState<"texts" | "conversations" | "run">("texts");
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const [firstName, setFirstName] = useState("with persona");
  const [secondName, setSecondName] = useState("without");
  const [pairs, setPairs] = useState("20");
  const [highest, setHighest] = useState("5");
  const [low, setLow] = useState("not at all");
  const [high, setHigh] = useState("very much");
  const [run, setRun] = useState<RunTexts>({ id: "", column: "", group: "", most: 40 });
  const [chosen, setChosen] = useState<string[]>([]);
  const conversations = usePages<Conversation>("/api/conversations", {}, 100, from === "conversations");
  const texts = groupedTexts(first, firstName, second, secondName);
  const least = kind === "pairwise" ? 2 : 1;
  const isReady = title.trim() && question.trim() && (from === "texts" ? texts.length >= least : from === "run" ? run.id && run.column : chosen.length > 0);
  const make = useMutation<RatingSet, Problem>({
    mutationFn: () => api.post("/api/ratings", {
      title: title.trim(),
      kind,
      question: question.trim(),
      ...(from === "texts" ? { texts } : from === "run" ? { run } : { conversations: chosen }),
      ...(kind === "pairwise" ? { pairs: Number(pairs) || 20 } : { scale: { lowest: 1, highest: Number(highest) || 5, low_label: low.trim(), high_label: high.trim() } }),
    }),
    onSuccess: (set) => { void client.invalidateQueries({ queryKey: ["/api/ratings"] }); go(`/rating/${set.id}`); },
  });
  return (
    <Dialog title="A new rating task" lead="Raters see texts, never whose they are." onClose={onClose} wide footer={<><span className="grow small muted">{from === "texts" ? plural(texts.length, "text") : from === "run" ? "" : plural(chosen.length, "conversation")}</span><Button onClick={onClose}>Cancel</Button><Button kind="primary" disabled={!isReady || make.isPending} onClick={() => make.mutate()}>Make the task</Button></>}>
      {make.error ? <Fault problem={make.error} /> : null}
      <TextField label="Title" value={title} onText={setTitle} autoFocus placeholder="Stories of introverts" />
      <div className="row wrap">
        <Segmented label="Kind" value={kind} options={[["pairwise", "Two side by side"], ["likert", "One on a scale"]]} onPick={(next) => { setKind(next); if (question === QUESTIONS[kind]) setQuestion(QUESTIONS[next]); }} />
        <Segmented label="Texts from" value={from} options={[["texts", "Pasted texts"], ["conversations", "Conversations"], ["run", "A run"]]} onPick={setFrom} />
      </div>
      <TextArea label="Question" value={question} onText={setQuestion} />
      {from === "texts" ? (
        <>
          <p className="small muted">One text a line, or texts of several lines parted by a line of three dashes. With a second group, pairs are made across the groups.</p>
          <div className="two">
            <div className="stack tight"><TextField label="First group" value={firstName} onText={setFirstName} /><TextArea label="Its texts" value={first} onText={setFirst} /></div>
            <div className="stack tight"><TextField label="Second group (may be empty)" value={secondName} onText={setSecondName} /><TextArea label="Texts of the second group" value={second} onText={setSecond} /></div>
          </div>
        </>
      ) : from === "run" ? <FromRun value={run} onChange={setRun} /> : (
        <fieldset className="field plain-set"><legend className="label">Conversations whose answers are rated</legend>
          {conversations.data && conversations.items.length === 0 ? <p className="muted small">There are no conversations yet.</p> : null}
          {conversations.items.map((one) => <label key={one.id} className="check"><input type="checkbox" checked={chosen.includes(one.id)} onChange={() => setChosen((now) => (now.includes(one.id) ? now.filter((id) => id !== one.id) : [...now, one.id]))} />{one.title || "Untitled"}</label>)}
        </fieldset>
      )}
      {kind === "pairwise" ? (
        <Field label="At most so many pairs">{(props) => <input className="input" type="number" min={1} {...props} value={pairs} onChange={(event) => setPairs(event.target.value)} />}</Field>
      ) : (
        <div className="two">
          <Field label="Highest value of the scale" hint="1 is the lowest.">{(props) => <input className="input" type="number" min={2} max={9} {...props} value={highest} onChange={(event) => setHighest(event.target.value)} />}</Field>
          <TextField label="1 means" value={low} onText={setLow} maxLength={100} />
          <TextField label={`${Number(highest) || 5} means`} value={high} onText={setHigh} maxLength={100} />
        </div>
      )}
    </Dialog>
  );
}
