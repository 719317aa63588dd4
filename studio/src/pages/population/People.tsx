import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useId, useState } from "react";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { Distribution, PersonRow, PopulationDetail } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { figure, plural } from "../../lib/words";
import { Badge, Button, Fault, SearchBox, SelectField, TextField, Waiting } from "../../ui/controls";
import { More } from "../../ui/more";
import { columnTitles } from "./titles";

interface Filter {
  column: string;
  value: string;
}

interface Props {
  id: string;
  columns: PopulationDetail["columns"];
  isWeighted: boolean;
  onOpen: (person: string) => void;
}

/** As many columns as can be looked through; others are reached by "Columns". */
const FIRST = 7;

/** The people as a table: searched, filtered, sorted by any column, and opened. */
export function People({ id, columns, isWeighted, onOpen }: Props) {
  const [words, setWords] = useState("");
  const [filters, setFilters] = useState<Filter[]>([]);
  const [sort, setSort] = useState("");
  const [hidden, setHidden] = useState(() => new Set(columns.slice(FIRST).map((one) => one.name)));
  const query = { q: useSettled(words), sort, ...Object.fromEntries(filters.map((one) => [one.column, one.value])) };
  const list = usePages<PersonRow>(`/api/populations/${id}/people`, query);
  const title = columnTitles(columns.map((one) => one.name));
  const shown = columns.filter((one) => !hidden.has(one.name));
  const flip = (name: string) => setHidden((now) => { const next = new Set(now); if (!next.delete(name)) next.add(name); return next; });
  const head = (name: string, text: string, isNumber: boolean) => {
    const way = sort === name ? "ascending" : sort === `-${name}` ? "descending" : undefined;
    const next = way === "ascending" ? `-${name}` : way === "descending" ? "" : name;
    return (
      <th key={name} className={isNumber ? "r" : undefined} title={name} aria-sort={way}>
        <button type="button" className="sorter" onClick={() => setSort(next)}>{text}{way === "ascending" ? <ArrowUp size={13} aria-hidden /> : way === "descending" ? <ArrowDown size={13} aria-hidden /> : null}</button>
      </th>
    );
  };
  return (
    <section className="stack" aria-label="People">
      <div className="row wrap between"><h2>People</h2><span className="small muted" role="status">{list.total === null ? "" : plural(list.total, "person", "people")}</span></div>
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        <SearchBox label="Search people" value={words} onText={setWords} />
        <Filtering id={id} columns={columns} title={title} onAdd={(one) => setFilters((now) => [...now.filter((other) => other.column !== one.column), one])} />
      </div>
      {columns.length > 1 ? (
        <details>
          <summary className="small muted">Columns: {shown.length} of {columns.length}</summary>
          <div className="row wrap">{columns.map((one) => <label key={one.name} className="check small"><input type="checkbox" checked={!hidden.has(one.name)} onChange={() => flip(one.name)} />{title(one.name)}</label>)}</div>
        </details>
      ) : null}
      {filters.length ? <div className="row wrap">{filters.map((one) => <Badge key={one.column} tone="accent">{title(one.column)}: {one.value}<button type="button" className="chip-x" aria-label={`Remove the filter on ${title(one.column)}`} onClick={() => setFilters((now) => now.filter((other) => other.column !== one.column))}><X size={13} aria-hidden /></button></Badge>)}</div> : null}
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting /> : null}
      {list.data && list.items.length === 0 ? <p className="muted">Nobody matches. Take a filter away, or search for fewer words.</p> : null}
      {list.items.length ? (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Table of people" aria-busy={list.isPlaceholderData}>
          <table className="data">
            <thead><tr>{head("name", "Person", false)}{isWeighted ? head("weight", "Weight", true) : null}{shown.map((one) => head(one.name, title(one.name), one.kind === "number"))}</tr></thead>
            <tbody>
              {list.items.map((person) => (
                <tr key={person.id}>
                  <td className="nowrap"><button type="button" className="linkish" onClick={() => onOpen(person.id)}>{person.name || person.id}</button></td>
                  {isWeighted ? <td className="r">{figure(person.weight)}</td> : null}
                  {shown.map((one) => { const value = person.values[one.name]; return <td key={one.name} className={one.kind === "number" ? "r" : undefined}>{value === null || value === undefined ? "–" : typeof value === "number" ? figure(value, Number.isInteger(value) ? 0 : 2) : value}</td>; })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <More list={list} />
    </section>
  );
}

interface FilteringProps {
  id: string;
  columns: PopulationDetail["columns"];
  title: (name: string) => string;
  onAdd: (filter: Filter) => void;
}

/** One more filter: numbers by bounds, categories by those that there are. */
function Filtering({ id, columns, title, onAdd }: FilteringProps) {
  const [column, setColumn] = useState(columns[0]?.name ?? "");
  const [value, setValue] = useState("");
  const known = useId();
  const isNumber = columns.find((one) => one.name === column)?.kind === "number";
  const found = useQuery<Distribution, Problem>({ queryKey: ["distribution", id, column], queryFn: () => api.get(`/api/populations/${id}/distribution`, { column }), enabled: column !== "" && !isNumber });
  const add = () => { if (column && value.trim()) { onAdd({ column, value: value.trim() }); setValue(""); } };
  return (
    <form className="row wrap" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); add(); }}>
      <div style={{ minWidth: 150 }}><SelectField label="Filter by" value={column} options={columns.map((one) => [one.name, title(one.name)] as const)} onText={(name) => { setColumn(name); setValue(""); }} /></div>
      <div style={{ minWidth: 120, flex: "0 1 180px" }}><TextField label={isNumber ? "From..to" : "Is"} value={value} onText={setValue} placeholder={isNumber ? "30..45" : found.data?.categories?.[0]?.value ?? ""} list={isNumber ? undefined : known} /></div>
      {isNumber ? null : <datalist id={known}>{found.data?.categories?.map((one) => <option key={one.value} value={one.value} />)}</datalist>}
      <Button type="submit">Filter</Button>
    </form>
  );
}
