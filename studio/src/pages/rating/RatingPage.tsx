import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Link2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { useEvents } from "../../api/events";
import type { Agreement, Estimate, RatingDetail, RatingResult } from "../../api/types";
import { figure, plural } from "../../lib/words";
import { Badge, Button, Fault, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { ShareDialog } from "../instruments/ShareDialog";
import { Withdrawal } from "../instruments/Withdrawal";
import { Desk } from "./Desk";

export default function RatingPage({ id }: { id: string }) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const [open, setOpen] = useState<"" | "share" | "delete">("");
  const key = ["rating", id];
  const detail = useQuery<RatingDetail, Problem>({ queryKey: key, queryFn: () => api.get(`/api/ratings/${id}`) });
  const isUp = useEvents(`/api/ratings/${id}/events`, detail.isSuccess, {
    agreement: (data) => client.setQueryData<RatingDetail>(key, (now) => (now ? { ...now, ...(data as { agreement: Agreement; results: RatingResult[] }) } : now)),
  });
  const remove = useMutation<unknown, Problem>({ mutationFn: () => api.remove(`/api/ratings/${id}`), onSuccess: () => { void client.invalidateQueries({ queryKey: ["/api/ratings"] }); go("/rating"); } });
  const data = detail.data;
  if (detail.error) return <div className="page"><h1>Rating</h1><Fault problem={detail.error} retry={() => void detail.refetch()} /><p><Link href="/rating">All tasks</Link></p></div>;
  if (!data) return <div className="page"><h1 className="visually-hidden">Rating</h1><Waiting lines={5} /></div>;
  return (
    <div className="page">
      <div className="page-head">
        <div><Link href="/rating" className="crumb">Rating</Link><h1>{data.title}</h1><div className="row wrap small muted"><Badge tone="info">{data.kind}</Badge><span>{plural(data.tasks, data.kind === "pairwise" ? "pair" : "text")}</span></div></div>
        <div className="row wrap">
          <Button icon={Link2} onClick={() => setOpen("share")}>Invite raters</Button>
          <a className="btn" download href={`/api/ratings/${id}/export?format=csv`}><Download size={17} aria-hidden />CSV</a>
          <a className="btn" download href={`/api/ratings/${id}/export?format=jsonl`}><Download size={17} aria-hidden />JSONL</a>
          <Button kind="danger" icon={Trash2} aria-label="Delete this task" onClick={() => setOpen("delete")} />
        </div>
      </div>
      <div className="split">
        <Desk at={`/api/ratings/${id}`} onAnswer={() => { if (!isUp) void detail.refetch(); }} />
        <div className="rail stack">
          <AgreementCard agreement={data.agreement} isUp={isUp} />
          <Results kind={data.kind} results={data.results} />
          <Withdrawal at={`/api/ratings/${id}/raters`} what="All their answers to these tasks go." onErased={() => void detail.refetch()} />
        </div>
      </div>
      {open === "share" ? <ShareDialog kind="rating" path={`/api/ratings/${id}/links`} target={id} title={data.title} onClose={() => setOpen("")} /> : null}
      {open === "delete" ? <Dialog title={`Delete ${data.title}?`} lead="All answers of all raters go; export them first." onClose={() => setOpen("")} footer={<><Button onClick={() => setOpen("")}>Keep it</Button><Button kind="danger" onClick={() => remove.mutate()}>Delete for good</Button></>}>{remove.error ? <Fault problem={remove.error} /> : <p>{plural(data.agreement.answers, "answer")} of {plural(data.agreement.raters, "rater")}.</p>}</Dialog> : null}
    </div>
  );
}

function withInterval(estimate: Estimate | null | undefined, factor = 1, digits = 2): string {
  if (!estimate || estimate.estimate === null) return "not yet";
  const times = (value: number | null) => (value === null ? null : value * factor);
  return `${figure(times(estimate.estimate), digits)}${estimate.low !== null && estimate.high !== null ? ` (${figure(times(estimate.low), digits)} to ${figure(times(estimate.high), digits)})` : ""}`;
}

function AgreementCard({ agreement, isUp }: { agreement: Agreement; isUp: boolean }) {
  return (
    <section className="card" aria-label="Agreement" aria-live="polite">
      <header><h2>Agreement</h2>{isUp ? <Badge tone="good">live</Badge> : null}</header>
      <div className="body stack tight">
        <dl className="dl num">
          <dt>Raters</dt><dd>{agreement.raters}</dd>
          <dt>Answers</dt><dd>{agreement.answers}</dd>
          <dt>Krippendorff’s α</dt><dd>{withInterval(agreement.alpha)}</dd>
          <dt>Same answer</dt><dd>{agreement.percent && agreement.percent.estimate !== null ? `${withInterval(agreement.percent, 100, 0)} %` : "not yet"}</dd>
        </dl>
        <p className="tiny muted">{agreement.method}.{agreement.note ? ` ${agreement.note.charAt(0).toUpperCase()}${agreement.note.slice(1)}.` : ""}</p>
      </div>
    </section>
  );
}

function Results({ kind, results }: { kind: RatingDetail["kind"]; results: RatingResult[] }) {
  if (results.length === 0) return null;
  return (
    <section className="card" aria-label="Results">
      <header><h2>So far</h2></header>
      <div className="body">
        <details>
          <summary className="small muted">Show results (a rater should not look before the end)</summary>
          <div className="table-wrap" tabIndex={0} role="region" aria-label="Results so far">
            <table className="data">
              {kind === "pairwise" ? (
                <><thead><tr><th>Whose</th><th className="r">Won</th><th className="r">Lost</th><th className="r">Tied</th><th className="r">Share won</th></tr></thead><tbody>{results.map((one, index) => <tr key={index}><td>{one.group ?? one.id}</td><td className="r">{one.wins}</td><td className="r">{one.losses}</td><td className="r">{one.ties}</td><td className="r">{withInterval(one.share)}</td></tr>)}</tbody></>
              ) : (
                <><thead><tr><th>Whose</th><th className="r">Mean</th><th className="r">SD</th><th className="r">n</th></tr></thead><tbody>{results.map((one, index) => <tr key={index}><td>{one.group ?? one.id}</td><td className="r">{figure(one.mean)}</td><td className="r">{figure(one.sd)}</td><td className="r">{one.n}</td></tr>)}</tbody></>
              )}
            </table>
          </div>
        </details>
      </div>
    </section>
  );
}
