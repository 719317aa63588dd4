/** Paths into a persona: `demographics.age`, `abilities.0.constraint`, `abilities[0]`, `traits.big_five.openness`. */

/** Fields whose keys are free and may hold dots: whatever follows is one key. */
const FREE_KEYS = new Set(["traits", "provenance", "social_identity", "personal_identity", "extensions"]);

export function steps(path: string): string[] {
  const dot = path.indexOf(".");
  const head = dot < 0 ? path : path.slice(0, dot);
  if (FREE_KEYS.has(head) && dot > 0) return [head, path.slice(dot + 1)];
  return path.replace(/\[(\d+)\]/g, ".$1").split(".").filter(Boolean);
}

export function readPath(root: unknown, path: string): unknown {
  let at: unknown = root;
  for (const step of steps(path)) {
    if (at === null || typeof at !== "object") return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === "object" && !Array.isArray(value) && Object.keys(value).length === 0)
  );
}

function placed(at: unknown, way: string[], value: unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined) return value;
  if (Array.isArray(at) || (at === undefined && /^\d+$/.test(step))) {
    const list = Array.isArray(at) ? [...(at as unknown[])] : [];
    const index = Number(step);
    const item = placed(list[index], rest, value);
    if (item === undefined) list.splice(index, 1);
    else list[index] = item;
    return list.length ? list : undefined;
  }
  const object: Record<string, unknown> = at !== null && typeof at === "object" ? { ...(at as Record<string, unknown>) } : {};
  const inner = placed(object[step], rest, value);
  if (isEmpty(inner)) delete object[step];
  else object[step] = inner;
  return Object.keys(object).length ? object : undefined;
}

/** The same object with a value put at a path; an empty value removes the field, and what becomes empty with it. */
export function writePath<T extends object>(root: T, path: string, value: unknown): T {
  return (placed(root, steps(path), isEmpty(value) ? undefined : value) ?? {}) as T;
}

/** A path as words: `traits.big_five.openness` is "Traits: openness". */
export function pathWords(path: string): string {
  const way = steps(path);
  const words = way.map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : step.slice(step.lastIndexOf(".") + 1).replaceAll("_", " ")));
  const text = words.join(" · ");
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : "The whole persona";
}
