import { compile } from "vega-lite";
import { describe, expect, it } from "vitest";

import type { Comparison, Distribution, Finding } from "../src/api/types";
import { distributionSpec, mapSpec } from "../src/pages/population/charts";
import { claimsFor, dotsWithIntervals, firstGroup, groupsOf, interval, publishedIn, waysOf } from "../src/pages/runs/findings";

function finding(name: string, estimate: number | null, more: Partial<Finding> = {}): Finding {
  return { name, subject: "sim", estimate, low: estimate === null ? null : estimate - 1, high: estimate === null ? null : estimate + 1, n: 10, missing: 0, unit: "SD", method: "", conventions: ["as_published"], p_value: null, p_adjusted: null, family: "", note: "", ...more };
}

const CLAIM: Comparison = { name: "d.openness", published: 5, published_for: "gpt-4", where: "Table 2", confidence: "verified", subject: "sim", estimate: 4, difference: -1, is_within_interval: true, note: "" };

describe("findings", () => {
  const findings = [finding("d.openness", 4), finding("d.extraversion", 2), finding("accuracy.unaware", 0.9, { unit: "" }), finding("d.openness", 3, { conventions: ["corrected"] })];

  it("share a chart by kind and unit", () => {
    expect(groupsOf(findings).map((group) => [group.title, group.findings.length])).toEqual([["d (SD)", 3], ["accuracy", 1]]);
  });

  it("begin with what was published", () => {
    const groups = groupsOf([finding("accuracy.unaware", 0.9, { unit: "" }), finding("d.openness", 4), finding("other.x", 1)]);
    expect(firstGroup(groups, [CLAIM])?.title).toBe("d (SD)");
    expect(groups.map((group) => publishedIn(group, [CLAIM]))).toEqual([0, 1, 0]);
    expect(firstGroup(groups, [])?.title).toBe("accuracy");
    expect(firstGroup([], [CLAIM])).toBeUndefined();
  });

  it("say that there is no interval", () => {
    expect(interval(null, null)).toBe("–");
    expect(interval(1, null)).toBe("1.00 to –");
  });

  it("put the published way first", () => {
    expect(waysOf([findings[3], findings[0]].filter((one) => one !== undefined))).toEqual(["as_published", "corrected"]);
  });

  it("meet the claim that belongs to them, and no other", () => {
    expect(claimsFor(finding("d.openness", 4), [CLAIM])).toEqual([CLAIM]);
    expect(claimsFor(finding("d.openness", 3, { conventions: ["corrected"] }), [CLAIM])).toEqual([]);
    expect(claimsFor(finding("d.extraversion", 4), [CLAIM])).toEqual([]);
  });

  it("make charts that Vega-Lite accepts, with unknown figures left out", () => {
    const spec = dotsWithIntervals([finding("d.openness", 4), finding("d.none", null)], [CLAIM]);
    expect(() => compile(spec)).not.toThrow();
    expect(JSON.stringify(spec)).toContain("published: gpt-4");
    expect(JSON.stringify(spec)).not.toContain('"label":"none"');
  });
});

describe("charts of a population", () => {
  const found: Distribution = { column: "gender", kind: "category", n: 10, missing: 0, bins: null, categories: [{ value: "woman", count: 6, share: 0.6, target: 0.5, low: 0.3, high: 0.8 }, { value: "man", count: 4, share: 0.4, target: null, low: null, high: null }], mean: null, sd: null, is_weighted: false, effective_n: 10, total_variation: 0.1 };

  it("are specifications that Vega-Lite accepts", () => {
    expect(() => compile(distributionSpec(found, "Title"))).not.toThrow();
    expect(() => compile(distributionSpec({ ...found, kind: "number", categories: null, bins: [{ low: 0, high: 1, count: 3, share: 1 }] }, "Title"))).not.toThrow();
    expect(JSON.stringify(distributionSpec({ ...found, is_weighted: true }, "Title"))).toContain("weighted share");
    expect(() => compile(mapSpec({ method: "PCA", note: "", points: [{ id: "a", x: 0, y: 1, color: "x" }] }, "gender"))).not.toThrow();
    expect(() => compile(mapSpec({ method: "PCA", note: "", points: [{ id: "a", x: 0, y: 1, color: 2 }] }, "age"))).not.toThrow();
  });

  it("show shares beside the wanted ones", () => {
    expect(JSON.stringify(distributionSpec(found, "Title"))).toContain('"count":6,"share":0.6,"target":0.5');
  });
});
