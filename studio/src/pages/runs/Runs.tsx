import { FlaskConical, GitCompareArrows, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";

import { usePages } from "../../api/pages";
import type { Run } from "../../api/types";
import { ago, count } from "../../lib/words";
import { Badge, Button, Empty, Fault, Meter, Waiting } from "../../ui/controls";
import { More } from "../../ui/more";
import { StateBadge } from "./state";

export default function Runs() {
  const list = usePages<Run>("/api/runs");
  const [chosen, setChosen] = useState<string[]>([]);
  const [, go] = useLocation();
  const isMoving = list.items.some((run) => run.state === "running" || run.state === "stopping");
  const { refetch } = list;
  useEffect(() => {
    if (!isMoving) return;
    const timer = window.setInterval(() => void refetch(), 2500);
    return () => window.clearInterval(timer);
  }, [isMoving, refetch]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>Runs</h1>
          <p>A paper’s experiment, or an instrument given to your personas: what came out stands beside what was published.</p>
        </div>
        <div className="row wrap">
          {list.items.length > 1 ? <Button icon={GitCompareArrows} disabled={chosen.length < 2} onClick={() => go(`/runs/compare?${chosen.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`)}>Compare{chosen.length ? ` ${chosen.length}` : ""}</Button> : null}
          <Link className="btn primary" href="/runs/new"><Plus size={17} aria-hidden />Start a run</Link>
        </div>
      </div>
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 ? (
        <Empty icon={FlaskConical} title="Nothing has run yet" action={<Link className="btn primary" href="/runs/new">Choose an experiment</Link>}>
          Choose a paper or an instrument, set its parameters, see what it will cost, and start it. With the simulated respondent
          it costs nothing: a rehearsal whose truth is known. A run can be stopped and goes on where it was.
        </Empty>
      ) : null}
      {list.items.length ? (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Runs">
          <table className="data">
            <thead><tr><th><span className="visually-hidden">Compare</span></th><th>Run</th><th>Model</th><th>State</th><th style={{ minWidth: 130 }}>Cells</th><th>Begun</th></tr></thead>
            <tbody>
              {list.items.map((run) => (
                <tr key={run.id}>
                  <td><input type="checkbox" aria-label={`Compare ${run.title}, ${run.id}`} checked={chosen.includes(run.id)} onChange={() => setChosen((now) => (now.includes(run.id) ? now.filter((id) => id !== run.id) : [...now, run.id]))} /></td>
                  <td><Link href={`/runs/${run.id}`}>{run.title}</Link><div className="tiny muted mono">{run.id}</div></td>
                  <td><span className="mono small">{run.model}</span> {run.is_simulated ? <Badge tone="warn">simulated</Badge> : null}</td>
                  <td><StateBadge run={run} /></td>
                  <td>{run.progress ? <><span className="tiny num">{count(run.progress.done)}{run.progress.total !== null ? ` of ${count(run.progress.total)}` : ""}</span><Meter label={`Progress of ${run.id}`} value={run.progress.total ? run.progress.done / run.progress.total : run.state === "complete" ? 1 : 0} /></> : "–"}</td>
                  <td className="nowrap">{ago(run.created)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More list={list} />
    </div>
  );
}
