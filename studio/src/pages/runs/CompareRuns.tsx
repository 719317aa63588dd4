import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useSearchParams } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Compared, Finding } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { figure, plural } from "../../lib/words";
import { useSimulated } from "../../Shell";
import { Fault, Segmented, SelectField, Waiting } from "../../ui/controls";
import { dotsWithIntervals, groupsOf, interval, WAYS, waysOf } from "./findings";

/** The findings of several runs on one axis. */
export default function CompareRuns() {
  const [search] = useSearchParams();
  const ids = search.getAll("id");
  const [group, setGroup] = useState("");
  const [way, setWay] = useState("");
  const answer = useQuery<Compared, Problem>({
    queryKey: ["compare", ...ids],
    queryFn: () => api.get(`/api/runs/compare?${ids.map((id) => `id=${encodeURIComponent(id)}`).join("&")}`),
    enabled: ids.length > 1,
  });
  useSimulated(answer.data?.runs.some((run) => run.is_simulated) ?? false, "gave the answers of some of these runs");
  // What only one run has says nothing about a difference.
  const shared = useMemo(() => (answer.data?.findings ?? []).filter((one) => Object.keys(one.by_run).length > 1), [answer.data]);
  const isOne = new Set(answer.data?.runs.map((run) => run.key)).size === 1; // of other experiments all differs
  const alone = (answer.data?.findings.length ?? 0) - shared.length;
  const findings = useMemo<Finding[]>(
    () => shared.flatMap((one) => Object.entries(one.by_run).map(([run, value]) => ({ ...value, name: one.name, subject: run, missing: 0, unit: one.unit, method: "", conventions: one.conventions, p_value: null, p_adjusted: null, family: "", note: "" }))),
    [shared],
  );
  const ways = useMemo(() => waysOf(findings), [findings]);
  const chosenWay = ways.includes(way) ? way : (ways[0] ?? "");
  const groups = useMemo(() => groupsOf(findings.filter((finding) => (finding.conventions[0] ?? "") === chosenWay)), [findings, chosenWay]);
  const shown = groups.find((one) => one.key === group) ?? groups[0];
  const spec = useMemo(() => (shown ? dotsWithIntervals(shown.findings.slice(0, 90), []) : null), [shown]);
  const rows = shared.filter((one) => shown?.findings.some((finding) => finding.name === one.name && finding.unit === one.unit) && (one.conventions[0] ?? "") === chosenWay);
  return (
    <div className="page">
      <div className="page-head"><div><Link href="/runs" className="crumb">Runs</Link><h1>Compare runs</h1><p>What differs between models, wordings or sizes, with the uncertainty of each.</p></div></div>
      {ids.length < 2 ? <p className="muted">Choose two runs or more in the list of runs.</p> : null}
      {answer.error ? <Fault problem={answer.error} retry={() => void answer.refetch()} /> : null}
      {answer.isLoading ? <Waiting lines={4} /> : null}
      {answer.data ? (
        <>
          <ul className="plain grid">{answer.data.runs.map((run) => <li key={run.id} className="card pad"><Link href={`/runs/${run.id}`}>{run.title}</Link><div className="tiny mono muted">{run.model} · {run.id}</div>{isOne ? <div className="small">{Object.entries(answer.data.differs[run.id] ?? {}).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(" · ")}</div> : null}</li>)}</ul>
          <div className="row wrap" style={{ alignItems: "flex-end" }}>
            {groups.length > 1 ? <div style={{ minWidth: 220 }}><SelectField label="Figures" value={shown?.key ?? ""} options={groups.map((one) => [one.key, one.title] as const)} onText={setGroup} /></div> : null}
            {ways.length > 1 ? <Segmented label="Way of computing" value={chosenWay} onPick={setWay} options={ways.map((one) => [one, WAYS[one] ?? (one || "plain")] as const)} /> : null}
          </div>
          {shown && spec ? <section className="card pad" aria-label="Chart"><Chart spec={spec} description={`${shown.title}: estimates with intervals, by run`} /></section> : <p className="muted">These runs share no finding. Choose runs of one experiment: with other models, wordings or sizes.</p>}
          {shown && alone ? <p className="small muted">{plural(alone, "finding")} that only one of these runs has {alone === 1 ? "is" : "are"} left out.</p> : null}
          {rows.length ? <div className="table-wrap" tabIndex={0} role="region" aria-label="Findings by run">
            <table className="data">
              <thead><tr><th>Finding</th><th>Conventions</th>{answer.data.runs.map((run) => <th key={run.id} className="r">{run.model}<br /><span className="tiny mono">{run.id.slice(-8)}</span></th>)}</tr></thead>
              <tbody>{rows.map((one, index) => <tr key={index}><td>{one.name}</td><td className="small muted">{one.conventions[0] ?? ""}</td>{answer.data.runs.map((run) => { const value = one.by_run[run.id]; return <td key={run.id} className="r">{value ? <><strong>{figure(value.estimate)}</strong><div className="tiny muted">{value.low === null && value.high === null ? "" : `${interval(value.low, value.high)}, `}n {value.n}</div></> : "–"}</td>; })}</tr>)}</tbody>
            </table>
          </div> : null}
        </>
      ) : null}
    </div>
  );
}
