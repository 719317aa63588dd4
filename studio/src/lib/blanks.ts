import type { Persona } from "../api/types";

const isBlank = (value: unknown) => value === undefined || value === null || (typeof value === "string" && value.trim() === "");

function filledRows(rows: unknown): unknown[] | undefined {
  if (!Array.isArray(rows)) return undefined;
  const filled = rows.filter((row) => !(row !== null && typeof row === "object" && Object.values(row as object).every(isBlank)));
  return filled.length ? filled : undefined;
}

function filledPairs(pairs: unknown): Record<string, unknown> | undefined {
  if (pairs === null || typeof pairs !== "object") return undefined;
  const filled = Object.entries(pairs as object).filter(([, value]) => !isBlank(value));
  return filled.length ? (Object.fromEntries(filled) as Record<string, unknown>) : undefined;
}

const ROWS = ["abilities", "memories"] as const;
const PAIRS = ["social_identity", "personal_identity"] as const;

/** A persona without the rows that the editor has opened and nobody has filled yet. */
export function withoutBlanks(persona: Persona): Persona {
  const kept: Persona = { ...persona };
  for (const [keys, filled] of [[ROWS, filledRows], [PAIRS, filledPairs]] as const) {
    for (const key of keys) {
      if (!(key in kept)) continue;
      const value = filled(kept[key]);
      if (value === undefined) delete kept[key];
      else kept[key] = value as never;
    }
  }
  return kept;
}
