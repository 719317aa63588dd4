import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FlaskConical, Link2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { api, type Problem } from "../../api/client";
import type { AnswerOption, Baseline, InstrumentDetail, Scored } from "../../api/types";
import { figure, plural } from "../../lib/words";
import { Badge, Button, Empty, Fault, Hint, Tabs, Waiting } from "../../ui/controls";
import { Scores } from "./Scores";
import { ShareDialog } from "./ShareDialog";
import { type Given, TakeForm } from "./TakeForm";
import { keepTaking } from "./taking";
import { Withdrawal } from "./Withdrawal";

const ONESELF = `Your answers are kept on this server under a random number, beside those of others and without anything about you.
The number is shown at the end; whoever knows it can have them erased.`.replaceAll("\n", " ");

type Part = "read" | "take" | "answers";

export default function InstrumentPage({ instrument }: { instrument: string }) {
  const at = `/api/instruments/${encodeURIComponent(instrument)}`;
  const detail = useQuery<InstrumentDetail, Problem>({ queryKey: ["instrument", instrument], queryFn: () => api.get(at), staleTime: Infinity });
  const [part, setPart] = useState<Part>("read");
  const [isSharing, setSharing] = useState(false);
  const data = detail.data;
  if (detail.error) return <div className="page"><h1>Instrument</h1><Fault problem={detail.error} retry={() => void detail.refetch()} /><p><Link href="/instruments">All instruments</Link></p></div>;
  if (!data) return <div className="page"><h1 className="visually-hidden">Instrument</h1><Waiting lines={5} /></div>;
  const hasTexts = data.has_texts;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Link href="/instruments" className="crumb">Instruments</Link>
          <h1>{data.title}</h1>
          <p className="small">{data.citation}</p>
          <div className="row wrap"><Badge>{plural(data.items.length, "item")}</Badge><Badge>{data.licence.name}</Badge>{data.licence.is_commercial_use_free ? null : <Badge tone="warn">not for commercial use</Badge>}</div>
        </div>
        <div className="row wrap">
          <Button icon={Link2} disabled={!hasTexts} onClick={() => setSharing(true)}>Send a link</Button>
          {hasTexts ? <Link className="btn primary" href={`/runs/new/instrument/${encodeURIComponent(data.key)}`}><FlaskConical size={17} aria-hidden />Give it to personas</Link> : null}
        </div>
      </div>
      {!data.has_texts ? <Hint tone="warn">The texts of this instrument may not be shipped: its key and its structure are here. To use it with your copy: {data.how_to_fill}.</Hint> : null}
      <Tabs<Part> label="Parts of the instrument" value={part} onPick={setPart} tabs={[["read", "Read"], ...(hasTexts ? [["take", "Take it yourself"] as const] : []), ["answers", "Answers of people"]]}>
        {part === "read" ? <Read data={data} /> : null}
        {part === "take" ? <TakeOneself at={at} data={data} /> : null}
        {part === "answers" ? <Answers at={at} instrument={instrument} /> : null}
      </Tabs>
      {isSharing ? <ShareDialog kind="instrument" path={`${at}/links`} target={instrument} title={data.title} onClose={() => setSharing(false)} /> : null}
    </div>
  );
}

const optionWords = (options: AnswerOption[]) => options.map((option) => `${option.value} ${option.label}`).join(" · ");

function Read({ data }: { data: InstrumentDetail }) {
  const n = (members: number | string[]) => (Array.isArray(members) ? members.length : members);
  return (
    <div className="split">
      <section className="card" aria-label="Items">
        <header><h2>Items</h2></header>
        <div className="body stack">
          {data.instructions ? <p className="muted small prewrap">{data.instructions}</p> : null}
          <ol className="items">{data.items.map((item) => <li key={item.id}>{item.text ? <>{data.stem ? <span className="muted">{data.stem} </span> : null}{item.text}</> : <span className="muted">{item.id} (text not shipped)</span>}{item.options ? <span className="small muted"> {optionWords(item.options)}</span> : null}</li>)}</ol>
          {data.options.length ? <p className="small"><span className="muted">Answers: </span>{optionWords(data.options)}</p> : null}
        </div>
      </section>
      <section className="card rail" aria-label="Scales">
        <header><h2>Scales</h2></header>
        <div className="body stack tight">
          {data.scales.map((scale) => <div key={scale.key} className="row between"><span>{scale.title}</span><span className="small muted nowrap">{plural(n(scale.items), "item")}, {n(scale.reverse)} reversed</span></div>)}
          {data.source ? <p className="tiny muted">{data.source}</p> : null}
        </div>
      </section>
    </div>
  );
}

function TakeOneself({ at, data }: { at: string; data: InstrumentDetail }) {
  const client = useQueryClient();
  const place = `self.${data.key}`;
  const send = useMutation<Scored, Problem, Given>({
    mutationFn: (given) => api.post(`${at}/answers`, { ...given, consent: true }),
    onSuccess: () => { keepTaking(place, null); void client.invalidateQueries({ queryKey: ["baseline", data.key] }); },
  });
  if (send.data) return <div className="stack"><Scores scored={send.data} /><div><Button onClick={() => send.reset()}>Take it again</Button></div></div>;
  return <div className="stack"><TakeForm form={data} consent={ONESELF} place={place} isSending={send.isPending} onSend={(given) => send.mutate(given)} />{send.error ? <Fault problem={send.error} /> : null}</div>;
}

function Answers({ at, instrument }: { at: string; instrument: string }) {
  const client = useQueryClient();
  const answer = useQuery<Baseline, Problem>({ queryKey: ["baseline", instrument], queryFn: () => api.get(`${at}/answers`) });
  if (answer.error) return <Fault problem={answer.error} />;
  if (!answer.data) return <Waiting />;
  if (answer.data.n === 0) return <Empty icon={Link2} title="Nobody has answered yet">Take it yourself, or send a link. What people answer stands in the same table as what models answer, with the same scores.</Empty>;
  return (
    <div className="stack">
      <div className="row wrap between"><p>{plural(answer.data.n, "person", "people")} answered.{answer.data.run ? <> <Link href={`/runs/${answer.data.run}`}>As a run, to measure and to compare</Link></> : null}</p><a className="btn small" download href={`${at}/answers.csv`}>Download CSV</a></div>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Scores of people"><table className="data"><thead><tr><th>Scale</th><th className="r">Mean</th><th className="r">SD</th><th className="r">n</th></tr></thead><tbody>{answer.data.scales.map((scale) => <tr key={scale.key}><td>{scale.title}</td><td className="r">{figure(scale.mean)}</td><td className="r">{figure(scale.sd)}</td><td className="r">{scale.n}</td></tr>)}</tbody></table></div>
      <Withdrawal at={`${at}/answers`} what="Their answers go from the ledger, and tables and reports made with them; measure again for new ones." onErased={() => void client.invalidateQueries({ queryKey: ["baseline", instrument] })} />
    </div>
  );
}
