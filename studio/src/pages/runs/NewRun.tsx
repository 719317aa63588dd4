import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { address, api, type Problem } from "../../api/client";
import type { Experiment, ExperimentDetail } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { plural } from "../../lib/words";
import { Badge, Fault, SearchBox, Segmented, Waiting } from "../../ui/controls";
import { StartForm } from "./StartForm";

/** Choosing what to run, then setting it up. */
export default function NewRun({ kind, experiment }: { kind?: string; experiment?: string }) {
  const [search] = useSearchParams();
  const people = search.getAll("people");
  if (kind && experiment) return <SetUp kind={kind} experiment={experiment} people={people} />;
  return <Choice people={people} />;
}

function Choice({ people }: { people: string[] }) {
  const [words, setWords] = useState("");
  const [kind, setKind] = useState<"" | "paper" | "instrument">(people.length ? "instrument" : "");
  const asked = useSettled(words);
  const list = useQuery<{ items: Experiment[] }, Problem>({
    queryKey: ["experiments", asked, kind],
    queryFn: ({ signal }) => api.get("/api/experiments", { q: asked, kind }, signal),
    placeholderData: (before) => before,
  });
  const ready = (list.data?.items ?? []).filter((one) => one.runs);
  const later = (list.data?.items ?? []).filter((one) => !one.runs);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Link href="/runs" className="crumb">Runs</Link>
          <h1>Start a run</h1>
          <p>{people.length ? `Choose what ${people.join(", ")} shall be measured with.` : "Choose a paper’s experiment, or an instrument for your own personas."}</p>
        </div>
      </div>
      <div className="row wrap">
        <SearchBox label="Search papers and instruments" value={words} onText={setWords} />
        <Segmented label="Kind" value={kind} onPick={setKind} options={[["", "All"], ["paper", "Papers"], ["instrument", "Instruments"]]} />
        <span className="small muted" role="status">{list.data ? plural(ready.length, "experiment") : ""}</span>
      </div>
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting lines={4} /> : null}
      <ul className="grid wide plain">
        {ready.map((one) => (
          <li key={`${one.kind}-${one.key}`}>
            <Link className="card pad experiment" href={address(`/runs/new/${one.kind}/${encodeURIComponent(one.key)}`) + (people.length ? `?${people.map((slug) => `people=${encodeURIComponent(slug)}`).join("&")}` : "")}>
              <span className="row between"><Badge tone={one.kind === "paper" ? "accent" : "info"}>{one.kind}</Badge><span className="tiny muted">{one.number !== null ? `[${one.number}] ` : ""}{one.year ?? ""}</span></span>
              <strong>{one.title}</strong>
              <span className="small muted clamp">{one.summary}</span>
            </Link>
          </li>
        ))}
      </ul>
      {list.data && ready.length === 0 ? <p className="muted">Nothing that runs matches “{asked}”.</p> : null}
      {later.length ? (
        <details>
          <summary className="muted">{plural(later.length, "catalogued paper")} that cannot be run from here</summary>
          <ul className="small">{later.map((one) => <li key={one.key}>{one.number !== null ? `[${one.number}] ` : ""}{one.title}</li>)}</ul>
        </details>
      ) : null}
    </div>
  );
}

function SetUp({ kind, experiment, people }: { kind: string; experiment: string; people: string[] }) {
  const detail = useQuery<ExperimentDetail, Problem>({
    queryKey: ["experiment", kind, experiment],
    queryFn: () => api.get(`/api/experiments/${kind}/${encodeURIComponent(experiment)}`),
    staleTime: Infinity,
  });
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Link href="/runs/new" className="crumb">Start a run</Link>
          <h1>{detail.data?.title ?? experiment}</h1>
          {detail.data ? <p>{detail.data.summary} {detail.data.link ? <a href={detail.data.link} target="_blank" rel="noreferrer noopener">Paper</a> : null}</p> : null}
        </div>
      </div>
      {detail.error ? <Fault problem={detail.error} retry={() => void detail.refetch()} /> : null}
      {detail.isPending ? <Waiting lines={5} /> : null}
      {detail.data ? <StartForm detail={detail.data} people={people} /> : null}
    </div>
  );
}
