import type { Run } from "../../api/types";
import { count, duration, money, plural } from "../../lib/words";
import { Badge, Meter } from "../../ui/controls";

const TONES = { running: "info", stopping: "warn", complete: "good", stopped: "warn", failed: "bad", interrupted: "warn" } as const;
const STATUS_TONES: Record<string, "good" | "warn" | "bad" | ""> = { ok: "good", repaired: "good", refused: "warn", unparsed: "bad", empty: "warn", failed: "bad" };

export function StateBadge({ run }: { run: Run }) {
  return <Badge tone={TONES[run.state]}>{run.state}</Badge>;
}

export function StatusBadge({ status, n }: { status: string; n?: number }) {
  return <Badge tone={STATUS_TONES[status] ?? ""}>{status}{n === undefined ? "" : ` ${count(n)}`}</Badge>;
}

/** How far a run is, what it has cost, and when it will be done. */
export function ProgressView({ run }: { run: Run }) {
  const progress = run.progress;
  if (!progress) return <p className="muted small">{run.detail || "Nothing is known of its progress yet."}</p>;
  const share = progress.total ? progress.done / progress.total : run.state === "complete" ? 1 : 0;
  return (
    <div className="stack tight">
      <div className="row between wrap small">
        <span><strong className="num">{count(progress.done)}</strong>{progress.total !== null ? <span className="muted"> of {plural(progress.total, "cell")}</span> : <span className="muted"> cells</span>}{progress.resumed ? <span className="muted">, {count(progress.resumed)} from before</span> : null}</span>
        <span className="muted">{run.state === "running" && progress.eta !== null ? `about ${duration(progress.eta)} left` : duration(progress.seconds)}</span>
      </div>
      <Meter label={`Progress of ${run.title}`} value={share} />
      <div className="row wrap">
        {Object.entries(progress.statuses).filter(([, n]) => n > 0).map(([status, n]) => <StatusBadge key={status} status={status} n={n} />)}
        <span className="tiny muted">{progress.resumed ? "since it went on: " : ""}{plural(progress.calls, "call")}{progress.cached_calls ? `, ${count(progress.cached_calls)} from the cache` : ""}{progress.failed_calls ? `, ${count(progress.failed_calls)} failed` : ""} · {count(progress.input_tokens + progress.output_tokens)} tokens · {progress.cost === null ? "price not known" : money(progress.cost)}</span>
      </div>
      {run.state === "running" && progress.total !== null && progress.done >= progress.total ? <p className="small muted">All cells are finished; the findings are being worked out.</p> : null}
      {run.state === "running" && progress.calls === 0 && progress.done === progress.resumed && progress.seconds > 8 && !progress.waiting_for ? <p className="small muted">No answer yet; a model that does not answer is asked again, and the run can be stopped at any time.</p> : null}
      {progress.waiting_for ? <p className="small muted">Waiting for {progress.waiting_for}.</p> : null}
    </div>
  );
}
