import { useMutation, useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Distribution, Persona, PersonaDetail, PersonRow, PopulationDetail, PopulationMap } from "../../api/types";
import { Chart } from "../../charts/Chart";
import { useSettled } from "../../lib/hooks";
import { ago, count, figure, plural } from "../../lib/words";
import { useSimulated } from "../../Shell";
import { Badge, Button, Fault, SearchBox, SelectField, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { More } from "../../ui/more";
import { distributionSpec, mapSpec } from "./charts";
import { Targets } from "./Targets";
import { columnTitles } from "./titles";

/** One population: its distributions, a map, its people. */
export default function PopulationPage({ id }: { id: string }) {
  const detail = useQuery<PopulationDetail, Problem>({ queryKey: ["population", id], queryFn: () => api.get(`/api/populations/${id}`) });
  const [column, setColumn] = useState("");
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
        <div style={{ minWidth: 230 }}><SelectField label="Look at" value={shown} options={data.columns.map((one) => [one.name, one.missing ? `${title(one.name)} (${count(one.missing)} missing)` : title(one.name)] as const)} onText={setColumn} /></div>
      </div>
      {shown ? (
        <div className="halves">
          <DistributionCard id={id} column={shown} title={title(shown)} />
          <MapCard id={id} column={shown} title={title(shown)} />
        </div>
      ) : <p className="muted">These people have no columns to show.</p>}
      <People id={id} columns={data.columns} />
    </div>
  );
}

function DistributionCard({ id, column, title }: { id: string; column: string; title: string }) {
  const answer = useQuery<Distribution, Problem>({ queryKey: ["distribution", id, column], queryFn: () => api.get(`/api/populations/${id}/distribution`, { column }), placeholderData: (before) => before });
  const found = answer.data;
  const spec = useMemo(() => (found ? distributionSpec(found, title) : null), [found, title]);
  const rows = found?.categories?.map((one) => [one.value, one.count, one.target] as const) ?? found?.bins?.map((one) => [`${figure(one.low)} to ${figure(one.high)}`, one.count, null] as const) ?? [];
  const hasTargets = rows.some(([, , target]) => target !== null);
  return (
    <section className="card" aria-label={`Distribution of ${title}`}>
      <header><h2 title={column}>{title}</h2><span className="small muted num">{found ? <>n {count(found.n)}{found.missing ? `, ${count(found.missing)} missing` : ""}{found.mean !== null ? ` · mean ${figure(found.mean)}, SD ${figure(found.sd)}` : ""}</> : null}</span></header>
      <div className="body stack">
        {answer.error ? <Fault problem={answer.error} /> : null}
        {spec && found ? (
          <Chart
            spec={spec}
            description={`Distribution of ${title} over ${found.n} people${hasTargets ? "; ticks mark wanted shares" : ""}`}
            table={<table className="data"><thead><tr><th>{title}</th><th className="r">People</th>{hasTargets ? <><th className="r">Share</th><th className="r">Wanted</th></> : null}</tr></thead><tbody>{rows.map(([value, n, target]) => <tr key={value}><td>{value}</td><td className="r">{count(n)}</td>{hasTargets ? <><td className="r">{figure((100 * n) / Math.max(1, found.n), 1)} %</td><td className="r">{target === null ? "–" : `${figure(100 * target, 1)} %`}</td></> : null}</tr>)}</tbody></table>}
          />
        ) : !answer.error ? <Waiting /> : null}
        {found?.categories ? <Targets key={column} id={id} found={found} /> : null}
      </div>
    </section>
  );
}

function MapCard({ id, column, title }: { id: string; column: string; title: string }) {
  const answer = useQuery<PopulationMap, Problem>({ queryKey: ["map", id, column], queryFn: () => api.get(`/api/populations/${id}/map`, { color: column }), placeholderData: (before) => before, staleTime: 60_000 });
  const spec = useMemo(() => (answer.data ? mapSpec(answer.data, title) : null), [answer.data, title]);
  return (
    <section className="card" aria-label="Map of the people">
      <header><h2>Map</h2>{answer.data ? <span className="small muted">{answer.data.method}</span> : null}</header>
      <div className="body stack">
        {answer.error ? <Fault problem={answer.error} /> : null}
        {spec && answer.data ? <Chart spec={spec} height={340} description={`Map of ${answer.data.points.length} people, coloured by ${title}: near each other are alike`} /> : !answer.error ? <Waiting /> : null}
        {answer.data?.note ? <p className="tiny muted">{answer.data.note}</p> : null}
      </div>
    </section>
  );
}

interface Filter {
  column: string;
  value: string;
}

function People({ id, columns }: { id: string; columns: PopulationDetail["columns"] }) {
  const [words, setWords] = useState("");
  const [filters, setFilters] = useState<Filter[]>([]);
  const [next, setNext] = useState<Filter>({ column: columns[0]?.name ?? "", value: "" });
  const [open, setOpen] = useState("");
  const query = { q: useSettled(words), ...Object.fromEntries(filters.map((one) => [one.column, one.value])) };
  const list = usePages<PersonRow>(`/api/populations/${id}/people`, query);
  const title = columnTitles(columns.map((one) => one.name));
  const shown = columns.slice(0, 7);
  const kind = columns.find((one) => one.name === next.column)?.kind;
  const add = () => { if (next.column && next.value.trim()) { setFilters((now) => [...now.filter((one) => one.column !== next.column), { ...next, value: next.value.trim() }]); setNext((now) => ({ ...now, value: "" })); } };
  return (
    <section className="stack" aria-label="People">
      <div className="row wrap between"><h2>People</h2><span className="small muted" role="status">{list.total === null ? "" : plural(list.total, "person", "people")}</span></div>
      <form className="row wrap" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); add(); }}>
        <SearchBox label="Search people" value={words} onText={setWords} />
        <div style={{ minWidth: 150 }}><SelectField label="Filter by" value={next.column} options={columns.map((one) => [one.name, title(one.name)] as const)} onText={(column) => setNext({ column, value: "" })} /></div>
        <div style={{ minWidth: 120, flex: "0 1 180px" }}><TextField label={kind === "number" ? "From..to" : "Is"} value={next.value} onText={(value) => setNext((now) => ({ ...now, value }))} placeholder={kind === "number" ? "30..45" : "nurse"} /></div>
        <Button type="submit">Filter</Button>
      </form>
      {filters.length ? <div className="row wrap">{filters.map((one) => <Badge key={one.column} tone="accent">{title(one.column)}: {one.value}<button type="button" className="chip-x" aria-label={`Remove the filter on ${title(one.column)}`} onClick={() => setFilters((now) => now.filter((other) => other.column !== one.column))}><X size={13} aria-hidden /></button></Badge>)}</div> : null}
      {list.error ? <Fault problem={list.error} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 ? <p className="muted">Nobody matches.</p> : null}
      {list.items.length ? (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Table of people">
          <table className="data">
            <thead><tr><th>Person</th>{shown.map((one) => <th key={one.name} className={one.kind === "number" ? "r" : undefined} title={one.name}>{title(one.name)}</th>)}</tr></thead>
            <tbody>
              {list.items.map((person) => (
                <tr key={person.id}>
                  <td className="nowrap"><button type="button" className="linkish" onClick={() => setOpen(person.id)}>{person.name || person.id}</button></td>
                  {shown.map((one) => { const value = person.values[one.name]; return <td key={one.name} className={one.kind === "number" ? "r" : undefined}>{value === null || value === undefined ? "–" : typeof value === "number" ? figure(value, Number.isInteger(value) ? 0 : 2) : value}</td>; })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More list={list} />
      {open ? <PersonDialog population={id} person={open} onClose={() => setOpen("")} /> : null}
    </section>
  );
}

function PersonDialog({ population, person, onClose }: { population: string; person: string; onClose: () => void }) {
  const [, go] = useLocation();
  const answer = useQuery<{ persona: Persona }, Problem>({ queryKey: ["person", population, person], queryFn: () => api.get(`/api/populations/${population}/people/${encodeURIComponent(person)}`) });
  const preview = useQuery<{ prompts: { renderer: string; text: string }[]; avatar_svg: string }, Problem>({
    queryKey: ["preview", answer.data?.persona],
    queryFn: () => api.post("/api/personas/preview", { persona: answer.data?.persona }),
    enabled: answer.data !== undefined,
  });
  const keep = useMutation<PersonaDetail, Problem>({ mutationFn: () => api.post("/api/personas", { persona: answer.data?.persona, note: "from a population" }), onSuccess: (kept) => go(`/personas/${kept.slug}`) });
  const words = preview.data?.prompts.find((one) => one.renderer === "third-person") ?? preview.data?.prompts[0];
  return (
    <Dialog
      title={answer.data?.persona.name || person}
      onClose={onClose}
      wide
      footer={<><Button onClick={onClose}>Close</Button><Button kind="primary" disabled={!answer.data || keep.isPending} onClick={() => keep.mutate()}>Keep as a persona</Button></>}
    >
      {answer.error ? <Fault problem={answer.error} /> : null}
      {keep.error ? <Fault problem={keep.error} /> : null}
      {answer.isPending ? <Waiting /> : null}
      {preview.data ? <div className="row top"><img className="avatar" alt="" width={64} height={64} src={`data:image/svg+xml;utf8,${encodeURIComponent(preview.data.avatar_svg)}`} /><p className="grow prewrap">{words?.text || "Nothing of this person has words yet."}</p></div> : null}
      {answer.data ? <details><summary className="small muted">As a file</summary><pre className="block" tabIndex={0} aria-label="The persona as JSON">{JSON.stringify(answer.data.persona, null, 2)}</pre></details> : null}
    </Dialog>
  );
}
