import { useQuery } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { Fragment, useMemo, useState } from "react";

import { api, type Problem } from "../../api/client";
import type { Comparison, Finding, Findings } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { count, figure, plural } from "../../lib/words";
import { Badge, Empty, Fault, Segmented, SelectField, Waiting } from "../../ui/controls";
import { claimsFor, dotsWithIntervals, firstGroup, groupsOf, interval, publishedIn, WAYS, waysOf } from "./findings";
import { StatusBadge } from "./state";

/** What came out, beside what was published. */
export default function FindingsView({ id, isMoving, isConcluded }: { id: string; isMoving: boolean; isConcluded: boolean }) {
  const answer = useQuery<Findings, Problem>({ queryKey: ["findings", id], queryFn: () => api.get(`/api/runs/${encodeURIComponent(id)}/findings`), staleTime: 30_000, enabled: isConcluded });
  const [way, setWay] = useState("");
  const comparisons = useMemo(() => answer.data?.comparisons ?? [], [answer.data]);
  const [group, setGroup] = useState("");
  const data = answer.data;
  const ways = useMemo(() => waysOf(data?.findings ?? []), [data]);
  const chosenWay = ways.includes(way) ? way : (ways[0] ?? "");
  const findings = useMemo(() => (data?.findings ?? []).filter((finding) => (finding.conventions[0] ?? "") === chosenWay), [data, chosenWay]);
  const groups = useMemo(() => groupsOf(findings), [findings]);
  const shown = groups.find((one) => one.key === group) ?? firstGroup(groups, comparisons);
  const spec = useMemo(() => (shown ? dotsWithIntervals(shown.findings.slice(0, 60), comparisons) : null), [shown, comparisons]);

  if (!isConcluded) {
    return (
      <Empty icon={Hourglass} title={isMoving ? "Findings come when it is done" : "Not concluded"}>
        The cells that are finished can be read already, under Cells.{isMoving ? "" : " Go on with the run, or measure the answers of people, and the findings stand here."}
      </Empty>
    );
  }
  if (answer.error) return <Fault problem={answer.error} retry={() => void answer.refetch()} />;
  if (!data) return <Waiting lines={4} />;
  const held = comparisons.filter((one) => one.is_within_interval).length;
  return (
    <div className="stack">
      <div className="row wrap">
        {Object.entries(data.statuses).filter(([, n]) => n > 0).map(([status, n]) => <StatusBadge key={status} status={status} n={n} />)}
        <span className="small muted">{plural(data.cells, "cell")}{data.expected_cells !== null && data.expected_cells !== data.cells ? ` of ${count(data.expected_cells)}: not the whole experiment` : ""}</span>
        {comparisons.length ? <span className="small muted">· {held} of {comparisons.length} published figures lie within our interval</span> : null}
      </div>
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        {groups.length > 1 ? <div style={{ minWidth: 210 }}><SelectField label="Figures" value={shown?.key ?? ""} options={groups.map((one) => [one.key, `${one.title} · ${one.findings.length}${publishedIn(one, comparisons) ? `, ${publishedIn(one, comparisons)} published` : ""}`] as const)} onText={setGroup} /></div> : null}
        {ways.length > 1 ? <Segmented label="Way of computing" value={chosenWay} onPick={setWay} options={ways.map((one) => [one, WAYS[one] ?? (one || "plain")] as const)} /> : null}
      </div>
      {shown && spec ? (
        <section className="card pad" aria-label="Chart">
          <Chart spec={spec} description={`${shown.title}: estimates with 95 % intervals, diamonds for published figures`} />
        </section>
      ) : null}
      {shown ? <FindingsTable findings={shown.findings} comparisons={comparisons} /> : <p className="muted">There are no findings.</p>}
    </div>
  );
}

function FindingsTable({ findings, comparisons }: { findings: Finding[]; comparisons: Comparison[] }) {
  const [open, setOpen] = useState("");
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Findings beside published figures">
      <table className="data">
        <thead><tr><th>Finding</th><th>Observed</th><th className="r">Ours</th><th className="r">95 % interval</th><th className="r">n</th><th className="r">Missing</th><th>Published</th><th className="r">p, adjusted</th></tr></thead>
        <tbody>
          {findings.map((finding, index) => {
            const key = `${finding.name}-${finding.subject}-${index}`;
            return (
              <Fragment key={key}>
                <tr>
                  <td><button type="button" className="linkish" aria-expanded={open === key} onClick={() => setOpen(open === key ? "" : key)}>{finding.name}</button></td>
                  <td className="mono">{finding.subject}</td>
                  <td className="r"><strong>{figure(finding.estimate)}</strong></td>
                  <td className="r">{interval(finding.low, finding.high)}</td>
                  <td className="r">{count(finding.n)}</td>
                  <td className="r">{count(finding.missing)}</td>
                  <td>
                    <div className="row wrap">
                      {claimsFor(finding, comparisons).map((one) => (
                        <Badge key={`${one.published_for}-${one.where}`} tone={one.is_within_interval ? "good" : "warn"}>{figure(one.published)} {one.published_for}{one.is_within_interval ? " · held" : ""}{one.confidence === "memory" ? " · from memory" : ""}</Badge>
                      ))}
                    </div>
                  </td>
                  <td className="r">{finding.p_adjusted === null ? "–" : finding.p_adjusted < 0.001 ? "< 0.001" : figure(finding.p_adjusted, 3)}</td>
                </tr>
                {open === key ? (
                  <tr><td colSpan={8}><dl className="dl"><dt>Method</dt><dd>{finding.method || "–"}</dd><dt>Conventions</dt><dd>{finding.conventions.join(", ") || "–"}</dd>{finding.note ? <><dt>Note</dt><dd>{finding.note}</dd></> : null}{claimsFor(finding, comparisons).map((one) => <Fragment key={one.published_for + one.where}><dt>Published</dt><dd>{one.published} for {one.published_for}: {one.where}{one.note ? `. ${one.note}` : ""}</dd></Fragment>)}</dl></td></tr>
                ) : null}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
