import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import { api, type Problem } from "../../api/client";
import { usePages } from "../../api/pages";
import type { CellDetail, CellRow } from "../../api/types";
import { useSettled } from "../../lib/hooks";
import { count, duration, money } from "../../lib/words";
import { Badge, Fault, SearchBox, SelectField, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";
import { StatusBadge } from "./state";

const STATUSES = ["ok", "repaired", "refused", "unparsed", "empty", "failed"] as const;
const ROW = 46;

function factorWords(factors: Record<string, unknown>): string {
  return Object.entries(factors).map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`).join(" · ");
}

/** All cells of a run, however many: only what is seen is drawn, and only what is scrolled to is asked for. */
export function Cells({ id, isMoving }: { id: string; isMoving: boolean }) {
  const [words, setWords] = useState("");
  const [status, setStatus] = useState("");
  const [open, setOpen] = useState("");
  const list = usePages<CellRow>(`/api/runs/${encodeURIComponent(id)}/cells`, { q: useSettled(words), status }, 200);
  const pane = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: list.items.length + (list.hasNextPage ? 1 : 0), getScrollElement: () => pane.current, estimateSize: () => ROW, overscan: 12 });
  const seen = rows.getVirtualItems();
  const last = seen.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= list.items.length - 40) void fetchNextPage();
  }, [last, list.items.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  useEffect(() => {
    if (!isMoving) return;
    const timer = window.setInterval(() => { if ((pane.current?.scrollTop ?? 0) < 200) void refetch(); }, 4000);
    return () => window.clearInterval(timer);
  }, [isMoving, refetch]);
  return (
    <div className="stack">
      <div className="row wrap" style={{ alignItems: "flex-end" }}>
        <SearchBox label="Search factors and details" value={words} onText={setWords} />
        <div style={{ minWidth: 150 }}><SelectField label="Status" value={status} options={[["", "all"], ...STATUSES.map((one) => [one, one] as const)]} onText={setStatus} /></div>
        <span className="small muted" role="status">{list.total === null ? "" : `${count(list.total)} cells`}</span>
      </div>
      {list.error ? <Fault problem={list.error} retry={() => void list.refetch()} /> : null}
      {list.isPending ? <Waiting lines={4} /> : null}
      {list.data && list.items.length === 0 ? <p className="muted">{words || status ? "No cell matches." : "No cell is finished yet."}</p> : null}
      {list.items.length ? (
        <div className="cells card" ref={pane} tabIndex={0} role="region" aria-label="Cells; use the arrows to scroll">
          <div style={{ height: rows.getTotalSize(), position: "relative" }}>
            {seen.map((item) => {
              const row = list.items[item.index];
              return (
                <div key={item.key} className="cell-row" style={{ transform: `translateY(${item.start}px)`, height: ROW }}>
                  {row ? (
                    <button type="button" onClick={() => setOpen(row.cell)}>
                      <span className="tiny muted num cell-index">{count(item.index + 1)}</span>
                      <StatusBadge status={row.status} />
                      <span className="cell-words small">{factorWords(row.factors)}</span>
                      {row.detail ? <span className="cell-words tiny muted hide-narrow">{row.detail}</span> : null}
                    </button>
                  ) : <span className="muted small">Loading…</span>}
                </div>
              );
            })}
          </div>
        </div>
      ) : null}
      {open ? <CellDialog run={id} cell={open} onClose={() => setOpen("")} /> : null}
    </div>
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
