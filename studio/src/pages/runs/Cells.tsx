import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import { api, type Problem } from "../../api/client";
import type { CellDetail, CellPage } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { count, duration, money, plural } from "../../lib/words";
import { Badge, Button, Fault, SearchBox, SelectField, TextField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { StatusBadge } from "./state";

const STATUSES = ["ok", "repaired", "refused", "unparsed", "empty", "failed"] as const;
const ROWS = 100;

function factorWords(factors: Record<string, unknown>): string {
  return Object.entries(factors).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(" · ");
}

/** All cells of a run, a page at a time: any page of a million is as near as the first. */
export function Cells({ id, isMoving }: { id: string; isMoving: boolean }) {
  const [words, setWords] = useState("");
  const [status, setStatus] = useState("");
  const [start, setStart] = useState(0);
  const [open, setOpen] = useState("");
  const pane = useRef<HTMLOListElement>(null);
  const asked = useSettled(words);
  const page = useQuery<CellPage, Problem>({
    queryKey: ["cells", id, asked, status, start],
    queryFn: ({ signal }) => api.get(`/api/runs/${encodeURIComponent(id)}/cells`, { q: asked, status, limit: ROWS, cursor: start || "" }, signal),
    placeholderData: keepPreviousData,
    // A large run is looked through in pieces, and a run that is on brings new cells.
    refetchInterval: (query) => (query.state.data?.is_all === false ? 100 : isMoving ? 4000 : false),
  });
  useEffect(() => setStart(0), [asked, status]);
  useEffect(() => { pane.current?.scrollTo({ top: 0 }); }, [start, asked, status]); // newer browsers give a promise, which is no way to clean up
  const found = page.data;
  const total = found?.total ?? 0;
  const all = Object.values(found?.statuses ?? {}).reduce((sum, n) => sum + n, 0);
  const isFiltered = Boolean(asked || status);
  const titleOf = (one: string) => (found?.statuses[one] ? `${one} (${count(found.statuses[one])})` : one);
  return (
    <div className="stack">
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        <SearchBox label="Search factors and details" value={words} onText={setWords} />
        <div style={{ minWidth: 150 }}><SelectField label="Status" value={status} options={[["", all ? `all (${count(all)})` : "all"], ...STATUSES.map((one) => [one, titleOf(one)] as const)]} onText={setStatus} /></div>
        <span className="small muted" role="status">
          {!found ? "" : !found.is_all ? `${plural(total, "cell")} so far, ${count(found.looked_at)} of ${count(found.of)} looked through` : isFiltered ? `${count(total)} of ${plural(all, "cell")}` : plural(total, "cell")}
        </span>
      </div>
      {page.error ? <Fault problem={page.error} retry={() => void page.refetch()} /> : null}
      {page.isPending ? <Waiting lines={4} /> : null}
      {found && total === 0 && found.is_all ? <p className="muted">{isFiltered ? "No cell matches." : "No cell is finished yet."}</p> : null}
      {found && found.items.length === 0 && !found.is_all ? <Waiting lines={2} label="Looking through the cells" /> : null}
      {found && found.items.length ? (
        <ol className="cells card plain" ref={pane} tabIndex={0} aria-label="Cells" aria-busy={page.isPlaceholderData} start={start + 1}>
          {found.items.map((row, index) => (
            <li key={row.cell} className="cell-row">
              <button type="button" onClick={() => setOpen(row.cell)}>
                <span className="tiny muted num cell-index">{count(start + index + 1)}</span>
                <StatusBadge status={row.status} />
                <span className="cell-words small">{factorWords(row.factors)}</span>
                {row.detail ? <span className="cell-words tiny muted hide-narrow">{row.detail}</span> : null}
              </button>
            </li>
          ))}
        </ol>
      ) : null}
      {found && (total > ROWS || start > 0) ? <Places start={start} shown={found.items.length} total={total} onGo={setStart} /> : null}
      {open ? <CellDialog run={id} cell={open} onClose={() => setOpen("")} /> : null}
    </div>
  );
}

/** Where in the cells one is: steps, both ends, and any cell by its number. */
function Places({ start, shown, total, onGo }: { start: number; shown: number; total: number; onGo: (start: number) => void }) {
  const [wanted, setWanted] = useState("");
  const end = Math.max(0, Math.floor((total - 1) / ROWS) * ROWS);
  const number = Number(wanted);
  const isPlace = /^\d+$/.test(wanted.trim()) && number >= 1 && number <= total;
  return (
    <nav className="row wrap between" aria-label="Pages of cells" style={{ alignItems: "flex-end" }}>
      <div className="row">
        <Button small icon={ChevronFirst} aria-label="First cells" disabled={start === 0} onClick={() => onGo(0)} />
        <Button small icon={ChevronLeft} aria-label="Earlier cells" disabled={start === 0} onClick={() => onGo(Math.max(0, start - ROWS))} />
        <span className="small num" role="status">{count(start + 1)} to {count(start + shown)} of {count(total)}</span>
        <Button small icon={ChevronRight} aria-label="Later cells" disabled={start + shown >= total} onClick={() => onGo(start + ROWS)} />
        <Button small icon={ChevronLast} aria-label="Last cells" disabled={start >= end} onClick={() => onGo(end)} />
      </div>
      <form className="row" style={{ alignItems: "flex-end" }} onSubmit={(event) => { event.preventDefault(); if (isPlace) { onGo(number - 1); setWanted(""); } }}>
        <div style={{ width: 130 }}><TextField label="Go to cell" inputMode="numeric" value={wanted} onText={setWanted} placeholder={`1 to ${count(total)}`} error={wanted && !isPlace ? `1 to ${count(total)}` : undefined} /></div>
        <Button type="submit" disabled={!isPlace}>Go</Button>
      </form>
    </nav>
  );
}

function CellDialog({ run, cell, onClose }: { run: string; cell: string; onClose: () => void }) {
  const detail = useQuery<CellDetail, Problem>({ queryKey: ["cell", run, cell], queryFn: () => api.get(`/api/runs/${encodeURIComponent(run)}/cells/${cell}`), staleTime: 60_000 });
  const data = detail.data;
  const pairs = (row: Record<string, unknown>) => Object.entries(row).map(([name, value]) => <div key={name} style={{ display: "contents" }}><dt>{name}</dt><dd className="clamp" title={String(value)}>{value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value)}</dd></div>);
  return (
    <Dialog title="A cell" lead={<span className="mono tiny">{cell}</span>} onClose={onClose} wide>
      {detail.error ? <Fault problem={detail.error} /> : null}
      {detail.isPending ? <Waiting /> : null}
      {data ? (
        <>
          <div className="row wrap"><StatusBadge status={data.status} />{data.detail ? <span className="small">{data.detail}</span> : null}</div>
          <h3>Factors</h3>
          <dl className="dl">{pairs(data.factors)}</dl>
          {Object.keys(data.values).length ? <><h3>Observed</h3><dl className="dl">{pairs(data.values)}</dl></> : null}
          {data.calls.map((call, index) => (
            <section key={index} className="stack tight" aria-label={`Call ${index + 1}`}>
              <div className="row wrap"><h3>Call {index + 1}: {call.role}</h3><span className="mono tiny muted">{call.model}</span>{call.is_cached ? <Badge>from the cache</Badge> : null}<span className="tiny muted">{duration(call.seconds)} · {call.cost === null ? "price not known" : money(call.cost)}</span></div>
              {call.request.messages.map((message, at) => <div key={at}><span className="label tiny">{message.role}</span><pre className="block" tabIndex={0} aria-label={`${message.role} message`}>{message.content}</pre></div>)}
              <span className="label tiny">answer</span>
              {call.error ? <div className="note bad small">{call.error}</div> : <pre className="block ins" tabIndex={0} aria-label="Answer">{call.text || "(empty)"}</pre>}
            </section>
          ))}
          {data.calls.length === 0 && data.transcript.length ? data.transcript.map((message, at) => <div key={at}><span className="label tiny">{message.role}</span><pre className="block" tabIndex={0} aria-label={message.role}>{message.content}</pre></div>) : null}
        </>
      ) : null}
    </Dialog>
  );
}
