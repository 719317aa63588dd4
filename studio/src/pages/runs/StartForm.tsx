import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useLocation } from "wouter";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import { isSimulated, modelOptions, useSession } from "../../api/session";
import type { ExperimentDetail, PersonaSummary, Run, RunEstimate, Start } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { changed, fieldsOf, textOf } from "../../lib/forms";
import { count, money, plural } from "../../lib/words";
import { useSimulated } from "../../Shell";
import { Button, Fault, Hint, SelectField, TextField, Waiting } from "../../ui/controls";
import { SchemaForm } from "../../ui/SchemaForm";

/** Parameters, models and people on the left; what it will cost on the right, before anything starts. */
export function StartForm({ detail, people: given }: { detail: ExperimentDetail; people: string[] }) {
  const session = useSession();
  const client = useQueryClient();
  const [, go] = useLocation();
  const fields = useMemo(() => fieldsOf(detail.parameters), [detail]);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [models, setModels] = useState<Record<string, string>>({});
  const [people, setPeople] = useState<string[]>(given);
  const [limit, setLimit] = useState("");
  const [costLimit, setCostLimit] = useState("");
  const [seed, setSeed] = useState("");
  const [agreed, setAgreed] = useState("");
  const personas = usePages<PersonaSummary>("/api/personas", {}, 200, detail.takes_people);
  const { values, faults } = changed(fields, texts);
  const standard = session.data?.default_model ?? "";
  const [further, setFurther] = useState<string[]>([]); // roles that only these parameters have, as the estimate tells
  const roles = [...Object.entries(detail.roles), ...further.map((role) => [role, "a further model of this experiment"] as const)];
  const start: Start = {
    kind: detail.kind,
    key: detail.key,
    parameters: values,
    models: Object.fromEntries(roles.map(([role]) => [role, models[role] ?? standard]).filter(([, name]) => name)),
    ...(detail.takes_people ? { people } : {}),
    ...(limit ? { limit: Number(limit) } : {}),
    ...(costLimit ? { cost_limit: Number(costLimit) } : {}),
    ...(seed ? { seed: Number(seed) } : {}),
  };
  const set = (name: string, text: string) => setTexts((now) => ({ ...now, [name]: text }));
  const wordings = fields.filter((field) => field.kind === "long_text" || field.isWording);
  const files = fields.filter((field) => field.kind === "upload" && field.choices.length === 0);
  const plain = fields.filter((field) => !wordings.includes(field) && !files.includes(field));
  const isSound = Object.keys(faults).length === 0 && Boolean(session.data);
  const asked = useSettled(JSON.stringify(start), 500);
  const estimate = useQuery<RunEstimate, Problem>({
    queryKey: ["estimate", asked],
    queryFn: ({ signal }) => api.post("/api/runs/estimate", JSON.parse(asked), signal),
    enabled: isSound && asked === JSON.stringify(start),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  useEffect(() => {
    const told = (estimate.data?.roles ?? []).map((one) => one.role).filter((role) => !(role in detail.roles));
    setFurther((now) => (told.join() === now.join() ? now : told));
  }, [estimate.data, detail.roles]);
  const isAgreed = agreed === asked; // to this price, and to no other
  const isFresh = asked === JSON.stringify(start) && !estimate.isPlaceholderData && estimate.data !== undefined;
  const begin = useMutation<Run, Problem>({
    mutationFn: () => api.post("/api/runs", { ...start, confirm: isAgreed }),
    onSuccess: (run) => { void client.invalidateQueries({ queryKey: ["/api/runs"] }); go(`/runs/${run.id}`); },
  });
  useSimulated(roles.some(([role]) => isSimulated(session.data, models[role] ?? standard)), "will answer in this run");
  const needs = estimate.data?.needs_confirmation ?? false;
  const canStart = isSound && !begin.isPending && (isFresh || estimate.error !== null) && (!needs || isAgreed);

  return (
    <form className="split" onSubmit={(event) => { event.preventDefault(); if (canStart) begin.mutate(); }}>
      <div className="stack">
        {detail.takes_people ? (
          <section className="card" aria-label="People">
            <header>
              <h2>Who is asked</h2>
              <div className="row wrap">
                <span className="small muted">{people.length ? `${plural(people.length, "persona")} chosen` : "the model as itself"}</span>
                {personas.items.length > 1 ? <Button small kind="quiet" onClick={() => setPeople(people.length ? [] : personas.items.map((one) => one.slug))}>{people.length ? "None" : "All"}</Button> : null}
              </div>
            </header>
            <div className="body stack">
              {people.length === 0 ? <Hint>{personas.data && personas.items.length === 0 ? "There is no persona yet. " : ""}Without personas the model answers as itself, ten times unless you say otherwise.</Hint> : null}
              <div className="grid">
                {personas.items.map((one) => (
                  <label key={one.slug} className={`pick card pad ${people.includes(one.slug) ? "picked" : ""}`}>
                    <input type="checkbox" checked={people.includes(one.slug)} onChange={() => setPeople((now) => (now.includes(one.slug) ? now.filter((slug) => slug !== one.slug) : [...now, one.slug]))} />
                    <img className="avatar" src={one.avatar} alt="" width={30} height={30} /><span className="grow">{one.name || one.slug}</span>
                  </label>
                ))}
              </div>
            </div>
          </section>
        ) : null}
        <section className="card" aria-label="Models">
          <header><h2>Models</h2></header>
          <div className="body two">
            {roles.map(([role, about]) => <SelectField key={role} label={role.charAt(0).toUpperCase() + role.slice(1)} hint={about} value={models[role] ?? standard} options={modelOptions(session.data)} onText={(name) => setModels((now) => ({ ...now, [role]: name }))} />)}
          </div>
        </section>
        {fields.length ? (
          <section className="card" aria-label="Parameters">
            <header>
              <h2>Parameters</h2>
              <div className="row wrap">
                {Object.keys(detail.full).length ? <Button small onClick={() => setTexts(Object.fromEntries(fields.filter((field) => field.name in detail.full).map((field) => [field.name, textOf(field, detail.full[field.name])])))}>Published size</Button> : null}
                {Object.keys(texts).length ? <Button small kind="quiet" onClick={() => setTexts({})}>Back to standard</Button> : null}
              </div>
            </header>
            <div className="body stack">
              <SchemaForm fields={plain} texts={texts} faults={faults} onText={set} />
              {files.length ? <><h3>Files of yours</h3><SchemaForm fields={files} texts={texts} faults={faults} onText={set} /></> : null}
              {wordings.length ? (
                <details className="wordings" open={wordings.some((field) => faults[field.name])}>
                  <summary>Wording: {plural(wordings.length, "text")} that {wordings.length === 1 ? "is" : "are"} sent</summary>
                  <SchemaForm fields={wordings} texts={texts} faults={faults} onText={set} />
                </details>
              ) : null}
              {Object.keys(detail.elsewhere).length ? <p className="small muted">Folders of this machine are named on the command line only: {Object.entries(detail.elsewhere).map(([name, about]) => `${name} (${about})`).join("; ")}.</p> : null}
            </div>
          </section>
        ) : null}
        <section className="card" aria-label="Limits">
          <header><h2>Limits</h2></header>
          <div className="body two">
            <TextField label="At most so many cells" type="number" min={1} value={limit} onText={setLimit} placeholder="all" hint="Try with 20; the same run goes on from there." />
            <TextField label="At most so many dollars" type="number" min={0} step="any" value={costLimit} onText={setCostLimit} placeholder="no limit" hint="The run stops itself before it costs more." />
            <TextField label="Seed" type="number" min={0} value={seed} onText={setSeed} placeholder="0" hint="The same seed gives the same people and orders." />
          </div>
        </section>
      </div>
      <div className="rail stack">
        <section className="card" aria-label="Estimate" aria-busy={!isFresh}>
          <header><h2>Before it starts</h2></header>
          <div className="body stack">
            {estimate.error ? <Fault problem={estimate.error} /> : null}
            {isSound && !estimate.data && !estimate.error ? <Waiting lines={3} label="Estimating" /> : null}
            {estimate.data ? (
              <div className={`stack ${isFresh ? "" : "outdated"}`}>
                <dl className="dl num">
                  <dt>Cells</dt><dd>{estimate.data.cells === null ? "not known beforehand" : count(estimate.data.cells)}</dd>
                  <dt>Tokens</dt><dd>{count(Math.round(estimate.data.tokens))}</dd>
                  <dt>Cost</dt><dd><strong>{!isFresh ? "…" : estimate.data.cost === null ? "price not known" : money(estimate.data.cost)}</strong></dd>
                </dl>
                <div className="table-wrap" tabIndex={0} role="region" aria-label="Calls by role">
                  <table className="data">
                    <thead><tr><th>Role</th><th>Model</th><th className="r">Calls</th><th className="r">Cost</th></tr></thead>
                    <tbody>{estimate.data.roles.map((role) => <tr key={`${role.role}-${role.model}`}><td>{role.role}</td><td className="mono">{role.model}</td><td className="r">{count(Math.round(role.calls))}</td><td className="r">{role.cost === null ? "unknown" : money(role.cost)}</td></tr>)}</tbody>
                  </table>
                </div>
                <p className="tiny muted" role="status">{isFresh ? `Rehearsed on ${plural(estimate.data.tried, "cell")}.` : isSound && !estimate.error ? "Estimating anew…" : "This was for what was chosen before."}</p>
              </div>
            ) : null}
            {needs && isFresh ? (
              <label className="check"><input type="checkbox" checked={isAgreed} onChange={(event) => setAgreed(event.target.checked ? asked : "")} /><span>{estimate.data?.cost === null ? "The price of a model is not known. Start it all the same." : `It may cost more than ${money(estimate.data?.confirm_above)}. Start it all the same.`}</span></label>
            ) : null}
            {begin.error ? <Fault problem={begin.error} /> : null}
            <Button kind="primary" type="submit" icon={Play} disabled={!canStart}>{begin.isPending ? "Starting…" : "Start the run"}</Button>
          </div>
        </section>
        {detail.claims.length ? (
          <section className="card" aria-label="Published figures">
            <header><h2>What was published</h2><span className="small muted">{plural(detail.claims.length, "figure")}</span></header>
            <div className="body">
              <div className="table-wrap scroll" tabIndex={0} role="region" aria-label="Table of published figures">
                <table className="data"><thead><tr><th>Finding</th><th className="r">Value</th></tr></thead>
                  <tbody>{detail.claims.slice(0, 60).map((claim, index) => <tr key={index}><td className="anywhere">{claim.name}<div className="tiny muted">{claim.subject}</div></td><td className="r" title={claim.where}>{claim.value}</td></tr>)}</tbody></table>
              </div>
            </div>
          </section>
        ) : null}
      </div>
    </form>
  );
}
