import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useMemo, useState } from "react";
import { Link } from "wouter";

import { api, type Problem } from "../../api/client";
import type { Distribution, PopulationDetail, PopulationMap } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { ago, count, figure, plural } from "../../lib/words";
import { useSimulated } from "../../Shell";
import { Fault, SelectField, Waiting } from "../../ui/controls";
import { distributionSpec, mapSpec } from "./charts";
import { People } from "./People";
import { PersonDialog } from "./PersonDialog";
import { Targets } from "./Targets";
import { columnTitles } from "./titles";
import { Weights } from "./Weights";

/** One population: its distributions, a map, its people. */
export default function PopulationPage({ id }: { id: string }) {
  const detail = useQuery<PopulationDetail, Problem>({ queryKey: ["population", id], queryFn: () => api.get(`/api/populations/${id}`) });
  const [column, setColumn] = useState("");
  const [person, setPerson] = useState("");
  const data = detail.data;
  useSimulated(data?.simulated ?? false, "made these people");
  if (detail.error) return <div className="page"><h1>Population</h1><Fault problem={detail.error} retry={() => void detail.refetch()} /><p><Link href="/population">All populations</Link></p></div>;
  if (!data) return <div className="page"><h1 className="visually-hidden">Population</h1><Waiting lines={5} /></div>;
  const shown = column || data.columns[0]?.name || "";
  const title = columnTitles(data.columns.map((one) => one.name));
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Link href="/population" className="crumb">Population</Link>
          <h1>{data.title}</h1>
          <p>{plural(data.size, "person", "people")}, {ago(data.created)}. {data.source}</p>
        </div>
        <div className="row wrap" style={{ alignItems: "flex-end" }}>
          <a className="btn" download href={`/api/populations/${id}/export?format=csv`}><Download size={17} aria-hidden />CSV</a>
          <a className="btn" download href={`/api/populations/${id}/export?format=parquet`}><Download size={17} aria-hidden />Parquet</a>
          <div style={{ minWidth: 230 }}><SelectField label="Look at" value={shown} options={data.columns.map((one) => [one.name, one.missing ? `${title(one.name)} (${count(one.missing)} missing)` : title(one.name)] as const)} onText={setColumn} /></div>
        </div>
      </div>
      <Weights id={id} data={data} />
      {shown ? (
        <div className="halves">
          <DistributionCard id={id} column={shown} title={title(shown)} />
          <MapCard id={id} column={shown} title={title(shown)} onPick={setPerson} />
        </div>
      ) : <p className="muted">These people have no columns to show.</p>}
      <People id={id} columns={data.columns} isWeighted={data.weighting !== null} onOpen={setPerson} />
      {person ? <PersonDialog population={id} person={person} onClose={() => setPerson("")} /> : null}
    </div>
  );
}

function DistributionCard({ id, column, title }: { id: string; column: string; title: string }) {
  const answer = useQuery<Distribution, Problem>({ queryKey: ["distribution", id, column], queryFn: () => api.get(`/api/populations/${id}/distribution`, { column }), placeholderData: (before) => before });
  const found = answer.data;
  const spec = useMemo(() => (found ? distributionSpec(found, title) : null), [found, title]);
  const rows = found?.categories ?? found?.bins?.map((one) => ({ value: `${figure(one.low)} to ${figure(one.high)}`, count: one.count, share: one.share, target: null, low: null, high: null })) ?? [];
  const hasTargets = rows.some((one) => one.target !== null);
  const percent = (share: number | null) => (share === null ? "–" : `${figure(100 * share, 1)} %`);
  const beyond = rows.filter((one) => one.target !== null && one.low !== null && one.high !== null && (one.target < one.low || one.target > one.high));
  return (
    <section className="card" aria-label={`Distribution of ${title}`}>
      <header><h2 title={column}>{title}</h2><span className="small muted num">{found ? <>n {count(found.n)}{found.missing ? `, ${count(found.missing)} missing` : ""}{found.is_weighted ? ` · effective n ${figure(found.effective_n, 0)}` : ""}{found.mean !== null ? ` · mean ${figure(found.mean)}, SD ${figure(found.sd)}` : ""}</> : null}</span></header>
      <div className="body stack">
        {answer.error ? <Fault problem={answer.error} /> : null}
        {spec && found ? (
          <Chart
            spec={spec}
            description={`Distribution of ${title} over ${found.n} people${hasTargets ? "; ticks mark wanted shares" : ""}`}
            table={<table className="data"><thead><tr><th>{title}</th><th className="r">People</th><th className="r">{found.is_weighted ? "Weighted share" : "Share"}</th>{hasTargets ? <><th className="r">95 % interval</th><th className="r">Wanted</th></> : null}</tr></thead><tbody>{rows.map((one) => <tr key={one.value}><td>{one.value}</td><td className="r">{count(one.count)}</td><td className="r">{percent(one.share)}</td>{hasTargets ? <><td className="r">{one.low === null ? "–" : `${percent(one.low)} to ${percent(one.high)}`}</td><td className="r">{percent(one.target)}</td></> : null}</tr>)}</tbody></table>}
          />
        ) : !answer.error ? <Waiting /> : null}
        {found && found.total_variation !== null ? <p className="small muted" role="status">{percent(found.total_variation)} of the people would have to change to reach the wanted shares{beyond.length ? `; beyond chance: ${beyond.map((one) => one.value).join(", ")}` : "; no difference is beyond chance"}.</p> : null}
        {found?.categories ? <Targets key={column} id={id} found={found} /> : null}
      </div>
    </section>
  );
}

function MapCard({ id, column, title, onPick }: { id: string; column: string; title: string; onPick: (person: string) => void }) {
  const answer = useQuery<PopulationMap, Problem>({ queryKey: ["map", id, column], queryFn: () => api.get(`/api/populations/${id}/map`, { color: column }), placeholderData: (before) => before, staleTime: 60_000 });
  const spec = useMemo(() => (answer.data ? mapSpec(answer.data, title) : null), [answer.data, title]);
  return (
    <section className="card" aria-label="Map of the people">
      <header><h2>Map</h2>{answer.data ? <span className="small muted">{answer.data.method}</span> : null}</header>
      <div className="body stack">
        {answer.error ? <Fault problem={answer.error} /> : null}
        {spec && answer.data ? <Chart spec={spec} height={340} onPick={onPick} description={`Map of ${answer.data.points.length} people, coloured by ${title}: near each other are alike`} /> : !answer.error ? <Waiting /> : null}
        {answer.data?.note ? <p className="tiny muted">{answer.data.note}. A click on a point opens the person.</p> : null}
      </div>
    </section>
  );
}
