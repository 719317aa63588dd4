import { steps } from "./paths";

/** Edits of two who began at the same version, put together field by field. */

export interface Clash {
  path: string;
  mine: unknown;
  theirs: unknown;
}

export interface Met<T> {
  merged: T;
  /** Paths that only they changed; these changes are taken over. */
  theirs: string[];
  /** Paths that both changed, each in another way; mine stands until another is chosen. */
  clashes: Clash[];
}

export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isTree(a) || !isTree(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => isSame(one, b[at]));
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]));
}

type Tree = Record<string, unknown>;

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Whether a field of this path can be written by a path of one step more: keys of free names may hold dots, and end there. */
function hasParts(path: string): boolean {
  return steps(`${path}.x`).at(-1) === "x";
}

function meet(base: Tree, mine: Tree, theirs: Tree, path: string, met: Met<unknown>): Tree {
  const merged: Tree = {};
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [was, own, other] = [base[key], mine[key], theirs[key]];
    const at = path ? `${path}.${key}` : key;
    let kept = own;
    if (isSame(own, other) || isSame(was, other)) kept = own;
    else if (isTree(own) && isTree(other) && hasParts(at)) kept = meet(isTree(was) ? was : {}, own, other, at, met);
    else if (isSame(was, own)) { kept = other; met.theirs.push(at); }
    else met.clashes.push({ path: at, mine: own, theirs: other });
    if (kept !== undefined) merged[key] = kept;
  }
  return merged;
}

/** Puts my edits of a version onto one that somebody else made of it meanwhile; lists are whole fields. */
export function mergeEdits<T extends object>(base: T, mine: T, theirs: T): Met<T> {
  const met: Met<unknown> = { merged: {}, theirs: [], clashes: [] };
  met.merged = meet(base as Tree, mine as Tree, theirs as Tree, "", met);
  return met as Met<T>;
}
