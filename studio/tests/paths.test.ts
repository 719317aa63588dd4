import { describe, expect, it } from "vitest";

import { pathWords, readPath, steps, writePath } from "../src/lib/paths";

describe("paths into a persona", () => {
  it("parts at dots and brackets, but keeps keys that are free", () => {
    expect(steps("demographics.age")).toEqual(["demographics", "age"]);
    expect(steps("abilities[0].constraint")).toEqual(["abilities", "0", "constraint"]);
    expect(steps("traits.big_five.openness")).toEqual(["traits", "big_five.openness"]);
    expect(steps("provenance.demographics.age")).toEqual(["provenance", "demographics.age"]);
    expect(steps("traits")).toEqual(["traits"]);
  });

  it("reads what is there and nothing where nothing is", () => {
    const persona = { traits: { "big_five.openness": 1.5 }, abilities: [{ ability: "reads" }] };
    expect(readPath(persona, "traits.big_five.openness")).toBe(1.5);
    expect(readPath(persona, "abilities.0.ability")).toBe("reads");
    expect(readPath(persona, "abilities.3.ability")).toBeUndefined();
    expect(readPath(persona, "name.first.letter")).toBeUndefined();
  });

  it("writes without touching the original", () => {
    const before = { name: "Ada", demographics: { age: 70 } };
    const after = writePath(before, "demographics.gender", "woman");
    expect(after).toEqual({ name: "Ada", demographics: { age: 70, gender: "woman" } });
    expect(before).toEqual({ name: "Ada", demographics: { age: 70 } });
  });

  it("removes a field that becomes empty, and what becomes empty with it", () => {
    expect(writePath({ name: "Ada", demographics: { age: 70 } }, "demographics.age", undefined)).toEqual({ name: "Ada" });
    expect(writePath({ name: "Ada" }, "name", "")).toEqual({});
    expect(writePath({ traits: { "a.b": 1, "a.c": 0 } }, "traits.a.b", undefined)).toEqual({ traits: { "a.c": 0 } });
  });

  it("keeps zero and false, which are values", () => {
    expect(writePath({}, "traits.big_five.openness", 0)).toEqual({ traits: { "big_five.openness": 0 } });
    expect(writePath({}, "extensions.flag", false)).toEqual({ extensions: { flag: false } });
  });

  it("writes and removes in lists", () => {
    const persona = { abilities: [{ ability: "a" }, { ability: "b", constraint: "c" }] };
    expect(writePath(persona, "abilities.0.constraint", "rarely")).toEqual({ abilities: [{ ability: "a", constraint: "rarely" }, { ability: "b", constraint: "c" }] });
    expect(writePath(persona, "abilities[0]", undefined)).toEqual({ abilities: [{ ability: "b", constraint: "c" }] });
    expect(writePath({}, "goals.0", "rest")).toEqual({ goals: ["rest"] });
  });

  it("reads back what it wrote, for any path of the schema", () => {
    for (const path of ["name", "demographics.age", "traits.hexaco.honesty", "social_identity.job", "voice.pace", "provenance.*"]) {
      expect(readPath(writePath({}, path, "x"), path)).toBe("x");
    }
  });

  it("names a path for readers", () => {
    expect(pathWords("traits.big_five.openness")).toBe("Traits · openness");
    expect(pathWords("abilities.0.constraint")).toBe("Abilities · 1 · constraint");
    expect(pathWords("")).toBe("The whole persona");
  });
});
