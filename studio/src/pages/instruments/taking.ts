import { keep, randomLetters, readKept } from "../../lib/browser";

/** A questionnaire that somebody is answering: it stays in their browser until it is sent. */
export interface Taking {
  /** Random letters under which it is sent: what is sent twice counts once. */
  submission: string;
  answers: Record<string, number>;
  seconds: number;
}

const PREFIX = "personae.take.";

export function beginTaking(): Taking {
  return { submission: randomLetters(), answers: {}, seconds: 0 };
}

/** What was answered before the page was left. */
export function keptTaking(place: string): Taking | null {
  const kept = readKept<Partial<Taking>>(PREFIX + place);
  const isWhole = typeof kept?.submission === "string" && typeof kept.answers === "object" && kept.answers !== null;
  return isWhole ? { submission: kept.submission ?? "", answers: kept.answers ?? {}, seconds: Number(kept.seconds) || 0 } : null;
}

/** Keeps answers in this browser; `null` forgets them. */
export function keepTaking(place: string, taking: Taking | null): void {
  keep(PREFIX + place, taking);
}
