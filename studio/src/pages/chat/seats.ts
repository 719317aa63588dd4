import type { PersonaSummary, Seat } from "../../api/types";

type NewSeat = Omit<Seat, "id">;

export const READING_LEVELS = [
  ["free", "as the persona speaks"],
  ["easy", "easy: short words, short sentences"],
  ["plain", "plain: everyday language"],
  ["expert", "expert: terms of the field"],
] as const;

export const RECALL_MODES = [
  ["found", "what fits each reply; all, if it is little"],
  ["whole", "all, in every prompt"],
  ["none", "none"],
] as const;

export const READING_TITLES: Record<string, string> = { free: "as it speaks", easy: "easy", plain: "plain", expert: "expert" };

export function personaSeat(persona: PersonaSummary, model: string, name = persona.name || persona.slug): NewSeat {
  return {
    kind: "persona",
    name,
    persona: persona.slug,
    version: persona.version,
    model: model || null,
    renderer: "second-person",
    sampling: {},
    reading_level: "free",
    recall: "found",
  };
}

/** A model in short: what follows the address of an endpoint, else all of it. */
export function modelTitle(name: string): string {
  return /^https?:/.test(name) ? name.slice(name.lastIndexOf("#") + 1) || name : name;
}

export function modelSeat(name: string): NewSeat {
  return { kind: "model", name: modelTitle(name), persona: null, version: null, model: name, renderer: "", sampling: {}, reading_level: "free", recall: "found" };
}

export function humanSeat(name: string): NewSeat {
  return { kind: "human", name, persona: null, version: null, model: null, renderer: "", sampling: {}, reading_level: "free", recall: "found" };
}

/** A name that nobody at the table has yet. */
export function freeName(name: string, taken: string[]): string {
  let number = 2;
  if (!taken.includes(name)) return name;
  while (taken.includes(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}
