import type { Persona } from "../../api/types";
import { keep, randomLetters, readKept } from "../../lib/browser";

const PREFIX = "personae.draft.";

/** What was being edited when the page was left, with the version that it was begun on. */
export interface Draft {
  version: number;
  base: Persona;
  persona: Persona;
}

/** A name of this tab, which outlives a reload: two tabs on one persona keep a draft each. */
function tab(): string {
  try {
    const known = sessionStorage.getItem("personae.tab") ?? randomLetters(6);
    sessionStorage.setItem("personae.tab", known);
    return known;
  } catch {
    return "tab";
  }
}

/** Where the draft of a persona is kept, and where it came from: it may be of a tab that was closed. */
export class DraftPlace {
  readonly own: string;
  readonly found: Draft | null;
  private from: string;

  constructor(persona: string) {
    const all = `${PREFIX}${persona}.`;
    this.own = all + tab();
    this.from = this.own;
    this.found = draftAt(this.own);
    for (const key of this.found ? [] : Object.keys(localStorage)) {
      const draft = key.startsWith(all) ? draftAt(key) : null;
      if (draft && !this.found) [this.found, this.from] = [draft, key];
    }
  }

  keep(draft: Draft): void {
    keep(this.own, draft);
  }

  /** The draft was saved, or is not wanted. */
  forget(): void {
    keep(this.own, null);
    keep(this.from, null);
    this.from = this.own;
  }

  /** Whether an event of the storage says that another tab took this draft for one that was left behind, and forgot it. */
  isLost(event: StorageEvent): boolean {
    return event.key === this.own && event.newValue === null;
  }
}

function draftAt(key: string): Draft | null {
  const kept = readKept<Partial<Draft>>(key);
  return kept && typeof kept.version === "number" && kept.base && kept.persona ? { version: kept.version, base: kept.base, persona: kept.persona } : null;
}
