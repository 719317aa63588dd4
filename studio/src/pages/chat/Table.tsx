import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { api, type Problem } from "../../api/client";
import type { PersonaDetail, PersonaSchema, Seat } from "../../api/types";
import { readPath } from "../../lib/paths";
import { levelWord } from "../../lib/traits";
import { Button, Fault, Waiting } from "../../ui/controls";
import { Dialog } from "../../ui/dialog";

interface Props {
  seats: Seat[];
  isSaving: boolean;
  onSeats: (seats: Seat[]) => void;
}

/** Who sits at the table, each persona with its card; says so when one was changed since it took its seat. */
export function Table({ seats, isSaving, onSeats }: Props) {
  const [card, setCard] = useState<Seat | null>(null);
  const played = seats.filter((seat) => seat.kind === "persona");
  const newest = useQueries({
    queries: [...new Set(played.map((seat) => seat.persona ?? ""))].map((slug) => ({
      queryKey: ["persona", slug],
      queryFn: () => api.get<PersonaDetail>(`/api/personas/${slug}`),
      retry: false,
      refetchOnMount: "always" as const,
    })),
    combine: (found) => new Map(found.flatMap((one) => (one.data ? [[one.data.slug, one.data.version] as const] : []))),
  });
  const isOld = (seat: Seat) => seat.version !== null && (newest.get(seat.persona ?? "") ?? 0) > seat.version;
  const renew = (seat: Seat) => onSeats(seats.map((one) => (one.id === seat.id ? { ...one, version: newest.get(seat.persona ?? "") ?? one.version } : one)));
  return (
    <>
      <p className="tiny muted seat-names">
        {seats.map((seat) =>
          seat.kind === "persona"
            ? <button key={seat.id} type="button" className="linklike" aria-label={`About ${seat.name}`} onClick={() => setCard(seat)}>{seat.name}</button>
            : <span key={seat.id}>{seat.name}</span>,
        )}
      </p>
      {played.filter(isOld).map((seat) => (
        <p key={seat.id} className="note small row wrap between" role="status">
          <span>{seat.name} was changed: version {newest.get(seat.persona ?? "")} is there, version {seat.version} speaks here.</span>
          <Button small disabled={isSaving} onClick={() => renew(seat)}>Go on with version {newest.get(seat.persona ?? "")}</Button>
        </p>
      ))}
      {card ? <Card seat={card} onClose={() => setCard(null)} /> : null}
    </>
  );
}

/** What a persona is in the dimensions of the design lab, in the version that speaks here. */
function Card({ seat, onClose }: { seat: Seat; onClose: () => void }) {
  const slug = seat.persona ?? "";
  const detail = useQuery<PersonaDetail, Problem>({ queryKey: ["persona", slug, seat.version], queryFn: () => api.get(`/api/personas/${slug}`, { version: seat.version }) });
  const schema = useQuery<PersonaSchema, Problem>({ queryKey: ["schema"], queryFn: () => api.get("/api/personas/schema"), staleTime: Infinity });
  const persona = detail.data?.persona;
  return (
    <Dialog
      title={seat.name}
      lead={`The persona ${slug}, version ${seat.version ?? "?"}. Changes make a new version; the conversation goes on with it when you say so.`}
      onClose={onClose}
      wide
      footer={<><Button onClick={onClose}>Close</Button>{detail.error ? null : <Link className="btn primary" href={`/personas/${slug}`}>Change {seat.name}</Link>}</>}
    >
      {detail.error ? <Fault problem={detail.error} /> : null}
      {!persona || !schema.data ? <Waiting lines={4} /> : (
        <div className="stack" role="group" aria-label={`What ${seat.name} is`} tabIndex={0}>
          <div className="row"><img className="avatar" src={`/api/personas/${slug}/avatar.svg`} alt="" width={56} height={56} /><p dir="auto">{persona.description}</p></div>
          {schema.data.dimensions.map((dimension) => {
            const rows = dimension.fields.filter((field) => field.path !== "description").map((field) => [field.title, said(readPath(persona, field.path), field.kind)] as const).filter(([, text]) => text);
            return rows.length ? (
              <section key={dimension.key}>
                <h3>{dimension.title}</h3>
                <dl className="facts small">{rows.map(([title, text]) => <div key={title}><dt className="muted">{title}</dt><dd dir="auto">{text}</dd></div>)}</dl>
              </section>
            ) : null;
          })}
        </div>
      )}
    </Dialog>
  );
}

const MOST = 8;

/** The beginning of a long text. */
function short(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160).trimEnd()} …` : text;
}

/** A value of a persona in words. */
function said(value: unknown, kind: string): string {
  if (value === undefined || value === null || value === "") return "";
  if (Array.isArray(value)) {
    const lines = value.slice(0, MOST).map((one: unknown) => short(one && typeof one === "object" ? Object.values(one as Record<string, unknown>).filter((part) => typeof part === "string" && part).join("; but ") : String(one)));
    return [...lines, ...(value.length > MOST ? [`and ${value.length - MOST} more`] : [])].join("\n");
  }
  if (typeof value === "object") {
    return Object.entries(value as Record<string, unknown>)
      .map(([key, one]) => (kind === "traits" && typeof one === "number" ? `${key.slice(key.indexOf(".") + 1).replaceAll("_", " ")}: ${levelWord(one)}` : `${key.replaceAll("_", " ")}: ${String(one)}`))
      .join(" · ");
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
