import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, FlaskConical, Link2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Baseline, InstrumentDetail, Link as ShareLink, Scored } from "../../api/types";
import { ago, figure, plural } from "../../lib/words";
import { Badge, Button, Empty, Fault, Hint, Tabs, TextArea, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";
import { Scores } from "./Scores";
import { TakeForm } from "./TakeForm";

export const CONSENT = `You answer a questionnaire for research on how language models play people. Your answers are kept under a random
name, on the machine of whoever sent you here. Your name, your address and your browser are not kept. You may leave out
any item and stop at any time.`.replaceAll("\n", " ");

type Part = "read" | "take" | "answers";

export default function InstrumentPage({ instrument }: { instrument: string }) {
  const at = `/api/instruments/${encodeURIComponent(instrument)}`;
  const detail = useQuery<InstrumentDetail, Problem>({ queryKey: ["instrument", instrument], queryFn: () => api.get(at), staleTime: Infinity });
  const [part, setPart] = useState<Part>("read");
  const [isSharing, setSharing] = useState(false);
  const data = detail.data;
  if (detail.error) return <div className="page"><h1>Instrument</h1><Fault problem={detail.error} retry={() => void detail.refetch()} /><p><Link href="/instruments">All instruments</Link></p></div>;
  if (!data) return <div className="page"><h1 className="visually-hidden">Instrument</h1><Waiting lines={5} /></div>;
  const hasTexts = data.items.some((item) => item.text);
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
          <Link className="btn primary" href={`/runs/new/instrument/${encodeURIComponent(data.key)}`}><FlaskConical size={17} aria-hidden />Give it to personas</Link>
        </div>
      </div>
      {!hasTexts ? <Hint tone="warn">The texts of this instrument may not be shipped. Its key and structure are here; bring your copy to use it.</Hint> : null}
      <Tabs<Part> label="Parts of the instrument" value={part} onPick={setPart} tabs={[["read", "Read"], ...(hasTexts ? [["take", "Take it yourself"] as const] : []), ["answers", "Answers of people"]]}>
        {part === "read" ? <Read data={data} /> : null}
        {part === "take" ? <TakeOneself at={at} data={data} /> : null}
        {part === "answers" ? <Answers at={at} instrument={instrument} /> : null}
      </Tabs>
      {isSharing ? <ShareDialog path={`${at}/links`} target={instrument} title={data.title} withConsent onClose={() => setSharing(false)} /> : null}
    </div>
  );
}

function Read({ data }: { data: InstrumentDetail }) {
  const n = (members: number | string[]) => (Array.isArray(members) ? members.length : members);
  return (
    <div className="split">
      <section className="card" aria-label="Items">
        <header><h2>Items</h2></header>
        <div className="body stack">
          {data.instructions ? <p className="muted small prewrap">{data.instructions}</p> : null}
          <ol className="items">{data.items.map((item) => <li key={item.id}>{item.text ? <>{data.stem ? <span className="muted">{data.stem} </span> : null}{item.text}</> : <span className="muted">{item.id} (text not shipped)</span>}</li>)}</ol>
          {data.options.length ? <p className="small"><span className="muted">Answers: </span>{data.options.map((option) => `${option.value} ${option.label}`).join(" · ")}</p> : null}
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
  const send = useMutation<Scored, Problem, { answers: Record<string, number | null>; seconds: number }>({
    mutationFn: (given) => api.post(`${at}/answers`, { ...given, consent: true }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["baseline", data.key] }),
  });
  if (send.data) return <div className="stack"><Scores scored={send.data} /><div><Button onClick={() => send.reset()}>Take it again</Button></div></div>;
  return <div className="stack">{send.error ? <Fault problem={send.error} /> : null}<TakeForm form={data} consent={CONSENT} isSending={send.isPending} onSend={(answers, seconds) => send.mutate({ answers, seconds })} /></div>;
}

function Answers({ at, instrument }: { at: string; instrument: string }) {
  const answer = useQuery<Baseline, Problem>({ queryKey: ["baseline", instrument], queryFn: () => api.get(`${at}/answers`) });
  if (answer.error) return <Fault problem={answer.error} />;
  if (!answer.data) return <Waiting />;
  if (answer.data.n === 0) return <Empty icon={Link2} title="Nobody has answered yet">Take it yourself, or send a link. What people answer stands in the same table as what models answer, with the same scores.</Empty>;
  return (
    <div className="stack">
      <div className="row wrap between"><p>{plural(answer.data.n, "person", "people")} answered.{answer.data.run ? <> <Link href={`/runs/${answer.data.run}`}>As a run, to measure and to compare</Link></> : null}</p><a className="btn small" download href={`${at}/answers.csv`}>Download CSV</a></div>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Scores of people"><table className="data"><thead><tr><th>Scale</th><th className="r">Mean</th><th className="r">SD</th><th className="r">n</th></tr></thead><tbody>{answer.data.scales.map((scale) => <tr key={scale.key}><td>{scale.title}</td><td className="r">{figure(scale.mean)}</td><td className="r">{figure(scale.sd)}</td><td className="r">{scale.n}</td></tr>)}</tbody></table></div>
    </div>
  );
}

interface ShareProps {
  path: string;
  target: string;
  title: string;
  withConsent?: boolean;
  onClose: () => void;
}

/** Links that let people without a key take part, and the ones that are open. */
export function ShareDialog({ path, target, title, withConsent, onClose }: ShareProps) {
  const client = useQueryClient();
  const say = useToast();
  const [consent, setConsent] = useState(CONSENT);
  const [most, setMost] = useState("");
  const links = useQuery<{ items: ShareLink[] }, Problem>({ queryKey: ["links"], queryFn: () => api.get("/api/links") });
  const refresh = () => void client.invalidateQueries({ queryKey: ["links"] });
  const make = useMutation<ShareLink, Problem>({ mutationFn: () => api.post(path, { title, ...(withConsent ? { consent } : {}), ...(most ? { most: Number(most) } : {}) }), onSuccess: refresh });
  const close = useMutation<unknown, Problem, string>({ mutationFn: (token) => api.remove(`/api/links/${token}`), onSuccess: refresh });
  const whole = (url: string) => new URL(url, window.location.origin).href;
  const open = (links.data?.items ?? []).filter((link) => link.target === target);
  return (
    <Dialog title="Send a link" lead="Whoever has the link can take part, without a key, and sees nothing else of this studio." onClose={onClose} wide footer={<><Button onClick={onClose}>Close</Button><Button kind="primary" disabled={make.isPending || (withConsent && !consent.trim())} onClick={() => make.mutate()}>Make a link</Button></>}>
      {make.error ? <Fault problem={make.error} /> : null}
      {withConsent ? <TextArea label="Consent text" value={consent} onText={setConsent} hint="People read and confirm this before the first item." /> : null}
      <TextField label="At most so many people" type="number" min={1} value={most} onText={setMost} placeholder="no limit" />
      {open.map((link) => (
        <div key={link.token} className="card pad row wrap between">
          <div className="grow"><span className="mono small">{whole(link.url)}</span><div className="tiny muted">{link.used}{link.most !== null ? ` of ${link.most}` : ""} used · made {ago(link.created)}</div></div>
          <div className="row"><Button small icon={Copy} onClick={() => void navigator.clipboard.writeText(whole(link.url)).then(() => say("Link copied"))}>Copy</Button><Button small kind="danger" icon={Trash2} aria-label="Close this link" onClick={() => close.mutate(link.token)} /></div>
        </div>
      ))}
    </Dialog>
  );
}
