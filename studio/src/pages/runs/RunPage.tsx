import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, Play, Ruler, Square, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { useEvents } from "../../api/events";
import type { Progress, Run, RunEstimate } from "../../api/types";
import { useSimulated } from "../../Shell";
import { ago, count, money } from "../../lib/words";
import { Badge, Button, Fault, Hint, Tabs, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { Cells } from "./Cells";
import { Files } from "./Files";
import { ProgressView, StateBadge } from "./state";

const FindingsView = lazy(() => import("./FindingsView"));

type RunDetail = Run & { record: Record<string, unknown>; statuses: Record<string, number> };
type Part = "findings" | "cells" | "files" | "record";

export default function RunPage({ id }: { id: string }) {
  const client = useQueryClient();
  const key = ["run", id];
  const [part, setPart] = useState<Part>("findings");
  const detail = useQuery<RunDetail, Problem>({ queryKey: key, queryFn: () => api.get(`/api/runs/${encodeURIComponent(id)}`) });
  const run = detail.data;
  const isMoving = run?.state === "running" || run?.state === "stopping";
  const update = (change: Partial<Run>) => client.setQueryData<RunDetail>(key, (now) => (now ? { ...now, ...change } : now));
  const over = () => {
    for (const what of ["run", "findings", "cells", "files"]) void client.invalidateQueries({ queryKey: [what, id] });
    void client.invalidateQueries({ queryKey: ["/api/runs"] });
  };
  const isUp = useEvents(`/api/runs/${encodeURIComponent(id)}/events`, isMoving, {
    progress: (data) => update({ progress: data as Progress }),
    state: (data) => update(data as Run),
    end: (data) => { update(data as Run); over(); },
  });
  const act = useMutation<Run, Problem, { what: "stop" | "resume"; body?: Record<string, unknown> }>({
    mutationFn: ({ what, body }) => api.post(`/api/runs/${encodeURIComponent(id)}/${what}`, body),
    onSuccess: (now) => { update(now); void client.invalidateQueries({ queryKey: ["/api/runs"] }); },
  });
  const [, go] = useLocation();
  const [isRemoving, setRemoving] = useState(false);
  const remove = useMutation<void, Problem>({
    mutationFn: () => api.remove(`/api/runs/${encodeURIComponent(id)}`),
    onSuccess: () => { void client.invalidateQueries({ queryKey: ["/api/runs"] }); go("/runs"); },
  });
  const measure = useMutation<unknown, Problem>({
    mutationFn: () => api.post(`/api/instruments/${encodeURIComponent(run?.key ?? "")}/answers/report`),
    onSuccess: over,
  });
  const isOfPeople = run?.kind === "instrument" && run.model === "people";
  const canGoOn = run !== undefined && !isMoving && !isOfPeople && (run.state !== "complete" || (run.progress?.statuses.failed ?? 0) > 0);
  useSimulated(run?.is_simulated ?? false, "gave the answers of this run");

  if (detail.error) return <div className="page"><h1>Run</h1><Fault problem={detail.error} retry={() => void detail.refetch()} /><p><Link href="/runs">All runs</Link></p></div>;
  if (!run) return <div className="page"><h1 className="visually-hidden">Run</h1><Waiting lines={5} /></div>;
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Link href="/runs" className="crumb">Runs</Link>
          <h1>{run.title}</h1>
          <div className="row wrap small muted"><StateBadge run={run} /><span className="mono">{run.model}</span><span>begun {ago(run.created)}</span><span className="mono tiny">{run.id}</span>{isMoving && isUp ? <Badge tone="good">live</Badge> : null}</div>
        </div>
        <div className="row wrap">
          {isMoving ? <Button icon={Square} disabled={run.state === "stopping" || act.isPending} onClick={() => act.mutate({ what: "stop" })}>{run.state === "stopping" ? "Stopping…" : "Stop"}</Button> : null}
          {canGoOn ? <Button kind="primary" icon={Play} disabled={act.isPending} onClick={() => act.mutate({ what: "resume" })}>{run.state === "complete" ? "Ask again what failed" : "Go on"}</Button> : null}
          {isOfPeople ? <Button kind={run.has_report ? "plain" : "primary"} icon={Ruler} disabled={measure.isPending} onClick={() => measure.mutate()}>{run.has_report ? "Measure again" : "Measure"}</Button> : null}
          {!isMoving && !isOfPeople ? <Button kind="quiet" icon={Trash2} aria-label="Remove the run" onClick={() => setRemoving(true)} /> : null}
          {run.has_report ? <a className="btn" href={`/api/runs/${encodeURIComponent(run.id)}/report`} target="_blank" rel="noreferrer"><FileText size={17} aria-hidden />Report</a> : null}
        </div>
      </div>
      {isRemoving ? (
        <Dialog
          title="Remove this run"
          onClose={() => setRemoving(false)}
          footer={<><Button onClick={() => setRemoving(false)}>Keep it</Button><Button kind="danger" icon={Trash2} disabled={remove.isPending} onClick={() => remove.mutate()}>Remove</Button></>}
        >
          <p>It leaves the list. Its folder, with all that was asked and answered, is not deleted: it is moved to <span className="mono">.removed</span> in the folder of the runs.</p>
          {remove.error ? <Fault problem={remove.error} /> : null}
        </Dialog>
      ) : null}
      {act.error?.code === "confirm" ? (
        <ConfirmDialog problem={act.error} onClose={() => act.reset()} onGo={(most) => act.mutate({ what: "resume", body: { confirm: true, ...(most ? { cost_limit: most } : {}) } })} />
      ) : act.error ? <Fault problem={act.error} /> : null}
      {measure.error ? <Fault problem={measure.error} /> : null}
      {run.detail ? <Hint tone={run.state === "failed" ? "bad" : ""}>{run.detail}</Hint> : null}
      <section className="card pad" aria-label="Progress" aria-live="polite"><ProgressView run={run} /></section>
      <Tabs<Part> label="Parts of the run" value={part} onPick={setPart} tabs={[["findings", "Findings"], ["cells", "Cells"], ["files", "Files"], ["record", "Record and cost"]]}>
        {part === "findings" ? <Suspense fallback={<Waiting />}><FindingsView id={id} isMoving={isMoving} isConcluded={run.has_report} /></Suspense> : null}
        {part === "cells" ? <Cells id={id} isMoving={isMoving} /> : null}
        {part === "files" ? <Files id={id} /> : null}
        {part === "record" ? <Record run={run} /> : null}
      </Tabs>
    </div>
  );
}

/** What going on may cost, to be agreed to. */
function ConfirmDialog({ problem, onClose, onGo }: { problem: Problem; onClose: () => void; onGo: (most: number | null) => void }) {
  const [most, setMost] = useState("");
  const estimate = problem.more.estimate as RunEstimate | undefined;
  const bound = Number(most);
  const isSound = most.trim() === "" || (Number.isFinite(bound) && bound > 0);
  return (
    <Dialog
      title="Go on all the same?"
      onClose={onClose}
      footer={<><Button onClick={onClose}>Leave it</Button><Button kind="primary" icon={Play} disabled={!isSound} onClick={() => onGo(most.trim() ? bound : null)}>Go on</Button></>}
    >
      <p>{estimate?.ahead == null ? "The price of a model is not known." : `What is left may cost about ${money(estimate.ahead)}${estimate.spent ? `, beside ${money(estimate.spent)} that were spent` : ""}.`}</p>
      <TextField label="At most so many dollars" type="number" min={0} step="any" value={most} onText={setMost} placeholder="no limit" error={isSound ? undefined : "More than nothing."} hint="The run stops itself before it has cost more, what was spent included." />
    </Dialog>
  );
}

function Record({ run }: { run: RunDetail }) {
  const spending = useQuery<{ items: Record<string, unknown>[] }, Problem>({ queryKey: ["spending", run.id, run.state], queryFn: () => api.get(`/api/runs/${encodeURIComponent(run.id)}/spending`) });
  const rows = spending.data?.items ?? [];
  const columns = Object.keys(rows[0] ?? {});
  return (
    <div className="stack">
      {spending.error ? <Fault problem={spending.error} /> : null}
      {spending.isPending ? <Waiting lines={2} label="Adding up the calls" /> : null}
      {rows.length ? (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="What it took">
          <table className="data">
            <thead><tr>{columns.map((name) => <th key={name} className={typeof rows[0]?.[name] === "number" ? "r" : undefined}>{name.replaceAll("_", " ")}</th>)}</tr></thead>
            <tbody>{rows.map((row, index) => <tr key={index}>{columns.map((name) => <td key={name} className={typeof row[name] === "number" ? "r" : undefined}>{name === "cost" ? money(row[name] as number | null) : typeof row[name] === "number" ? count(row[name] as number) : String(row[name] ?? "–")}</td>)}</tr>)}</tbody>
          </table>
        </div>
      ) : null}
      <h2>The record</h2>
      <p className="muted small">Everything that identifies the run: started again with the same, it goes on; with anything else, it is another run.</p>
      <pre className="block" tabIndex={0} aria-label="Run record">{JSON.stringify(run.record, null, 2)}</pre>
    </div>
  );
}
