import { useQuery } from "@tanstack/react-query";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Run } from "../../api/types";
import { plural } from "../../lib/words";
import { Fault, SelectField, TextField, Waiting } from "../../ui/controls";

export interface RunTexts {
  id: string;
  column: string;
  /** The factor whose values are compared. */
  group: string;
  most: number;
}

interface Column {
  column: string;
  texts: number;
  example: string;
}

/** Which texts of which run are rated, and what sets them apart: the human side of a paper's experiment. */
export function FromRun({ value, onChange }: { value: RunTexts; onChange: (value: RunTexts) => void }) {
  const runs = usePages<Run>("/api/runs", {}, 100);
  const at = `/api/runs/${encodeURIComponent(value.id)}`;
  const texts = useQuery<{ items: Column[] }, Problem>({ queryKey: ["texts", value.id], queryFn: () => api.get(`${at}/texts`), enabled: value.id !== "" });
  const factors = useQuery<{ items: { name: string; values: string[] }[] }, Problem>({ queryKey: ["factors", value.id], queryFn: () => api.get(`${at}/factors`), enabled: value.id !== "" });
  const columns = texts.data?.items ?? [];
  const chosen = columns.find((one) => one.column === value.column);
  const varied = (factors.data?.items ?? []).filter((one) => one.values.length > 1);
  if (runs.data && runs.items.length === 0) return <p className="muted small">Nothing has run yet: what a run wrote can be rated then.</p>;
  return (
    <div className="stack">
      <SelectField label="Run" value={value.id} onText={(id) => onChange({ ...value, id, column: "", group: "" })} options={[["", "Choose …"], ...runs.items.map((one) => [one.id, `${one.title}, ${one.model} (${one.id})`] as const)]} />
      {texts.error ? <Fault problem={texts.error} /> : null}
      {value.id && texts.isPending ? <Waiting lines={2} /> : null}
      {texts.data && columns.length === 0 ? <p className="muted small">This run wrote no texts that could be rated.</p> : null}
      {columns.length ? (
        <div className="two">
          <SelectField label="Texts" value={value.column} onText={(column) => onChange({ ...value, column })} options={[["", "Choose …"], ...columns.map((one) => [one.column, `${one.column}: ${plural(one.texts, "text")}`] as const)]} />
          <SelectField label="Compared by" value={value.group} onText={(group) => onChange({ ...value, group })} options={[["", "nothing"], ...varied.map((one) => [one.name, `${one.name}: ${one.values.slice(0, 3).join(", ")}${one.values.length > 3 ? " …" : ""}`] as const)]} />
          <TextField label="At most so many texts" type="number" min={2} max={2000} value={String(value.most)} onText={(text) => onChange({ ...value, most: Math.max(1, Math.min(2000, Number(text) || 1)) })} hint="Drawn at random where there are more." />
        </div>
      ) : null}
      {chosen ? <p className="small muted clamp">For example: {chosen.example}</p> : null}
    </div>
  );
}
