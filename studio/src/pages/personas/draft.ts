import type { Persona } from "../../api/types";

const PREFIX = "personae.draft.";

/** What was being edited when the page was left, if it was begun on the version that is still the latest. */
export function draftOf(key: string, version: number): Persona | null {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? "null") as { version: number; persona: Persona } | null;
    return kept && kept.version === version ? kept.persona : null;
  } catch {
    return null;
  }
}

/** Keeps a draft in this browser; `null` forgets it. */
export function keepDraft(key: string, version: number, persona: Persona | null): void {
  if (persona === null) localStorage.removeItem(PREFIX + key);
  else localStorage.setItem(PREFIX + key, JSON.stringify({ version, persona }));
}
