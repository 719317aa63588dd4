import { describe, expect, it } from "vitest";

import { withoutBlanks } from "../src/lib/blanks";
import { isSame, mergeEdits } from "../src/lib/merge";
import { writePath } from "../src/lib/paths";

describe("edits of two who began at the same version", () => {
  const base = { name: "Ada", traits: { "big_five.openness": 1 }, goals: ["rest"], style: "curt" };

  it("are put together where they touch other fields", () => {
    const met = mergeEdits<object>(base, { ...base, name: "Ada L." }, { ...base, traits: { "big_five.openness": 1, "big_five.extraversion": -1 }, age: 3 });
    expect(met.merged).toEqual({ ...base, name: "Ada L.", traits: { "big_five.openness": 1, "big_five.extraversion": -1 }, age: 3 });
    expect(met.theirs.sort()).toEqual(["age", "traits.big_five.extraversion"]);
    expect(met.clashes).toEqual([]);
  });

  it("clash where both changed one field, and mine stands until theirs is taken", () => {
    const met = mergeEdits<object>(base, { ...base, goals: ["mine"] }, { ...base, goals: ["theirs"] });
    expect(met.merged).toEqual({ ...base, goals: ["mine"] });
    expect(met.clashes).toEqual([{ path: "goals", mine: ["mine"], theirs: ["theirs"] }]);
  });

  it("keep what was taken away by one, and tell where the other changed it", () => {
    const { style: _, ...without } = base;
    expect(mergeEdits<object>(base, without, base).merged).toEqual(without);
    expect(mergeEdits<object>(base, base, without).merged).toEqual(without);
    expect(mergeEdits<object>(base, without, { ...base, style: "long" }).clashes).toEqual([{ path: "style", mine: undefined, theirs: "long" }]);
  });

  it("name each clash by a path that writes it", () => {
    const sources = (by: string) => ({ provenance: { "traits.big_five.openness": { origin: "given", by } } });
    const [clash] = mergeEdits<object>(sources("a"), sources("b"), sources("c")).clashes;
    expect(writePath(sources("b"), clash?.path ?? "", clash?.theirs)).toEqual(sources("c"));
  });

  it("are none where both did the same", () => {
    const met = mergeEdits<object>(base, { ...base, name: "B" }, { ...base, name: "B" });
    expect([met.merged, met.theirs, met.clashes]).toEqual([{ ...base, name: "B" }, [], []]);
    expect(isSame({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true);
    expect(isSame({ a: undefined }, {})).toBe(false);
  });
});

describe("rows that nobody has filled", () => {
  it("are left out, and others stay as they are", () => {
    const persona = { abilities: [{ ability: "", constraint: " " }, { ability: "swim", constraint: "" }], memories: [{ text: "" }], social_identity: { role: "", friend: "Bo" } };
    expect(withoutBlanks(persona)).toEqual({ abilities: [{ ability: "swim", constraint: "" }], social_identity: { friend: "Bo" } });
    expect(withoutBlanks({ abilities: [{ ability: "", constraint: "alone" }] })).toEqual({ abilities: [{ ability: "", constraint: "alone" }] });
  });
});
