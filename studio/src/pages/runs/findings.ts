import type { TopLevelSpec } from "vega-lite";

import type { Comparison, Finding } from "../../api/types";
import { figure } from "../../lib/words";

/** Findings that can share an axis: one kind of figure, one unit. */
export interface Group {
  key: string;
  title: string;
  findings: Finding[];
}

export function groupsOf(findings: Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const dot = finding.name.indexOf(".");
    const head = dot < 0 ? finding.name : finding.name.slice(0, dot);
    const key = `${head}|${finding.unit}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups].map(([key, members]) => {
    const [head = "", unit = ""] = key.split("|");
    return { key, title: unit && unit !== head ? `${head} (${unit})` : head, findings: members };
  });
}

/** The ways of computing that occur, the published one first. */
export function waysOf(findings: Finding[]): string[] {
  const ways = new Set(findings.map((finding) => finding.conventions[0] ?? ""));
  return [...ways].sort((a, b) => Number(b === "as_published") - Number(a === "as_published"));
}

export const WAYS: Record<string, string> = { as_published: "As published", corrected: "Corrected" };

export function claimsFor(finding: Finding, comparisons: Comparison[]): Comparison[] {
  return comparisons.filter((one) => one.name === finding.name && one.subject === finding.subject && one.estimate === finding.estimate);
}

/** How many of a group's findings stand beside a published figure. */
export function publishedIn(group: Group, comparisons: Comparison[]): number {
  return group.findings.filter((finding) => claimsFor(finding, comparisons).length > 0).length;
}

/** The group to begin with: the one with the most published figures, the first of equals. */
export function firstGroup(groups: Group[], comparisons: Comparison[]): Group | undefined {
  return groups.reduce<Group | undefined>((best, one) => (best === undefined || publishedIn(one, comparisons) > publishedIn(best, comparisons) ? one : best), undefined);
}

/** An interval in words. */
export function interval(low: number | null, high: number | null): string {
  return low === null && high === null ? "–" : `${figure(low)} to ${figure(high)}`;
}

/** Dots with intervals, and diamonds for what was published. */
export function dotsWithIntervals(findings: Finding[], comparisons: Comparison[]): TopLevelSpec {
  const subjects = new Set(findings.map((finding) => finding.subject));
  const short = (name: string) => name.slice(name.indexOf(".") + 1);
  const ours = findings
    .filter((finding) => finding.estimate !== null)
    .map((finding) => ({ label: short(finding.name), subject: finding.subject, estimate: finding.estimate, low: finding.low ?? finding.estimate, high: finding.high ?? finding.estimate }));
  const theirs = findings.flatMap((finding) => claimsFor(finding, comparisons).map((one) => ({ label: short(finding.name), estimate: one.published, subject: `published: ${one.published_for}` })));
  const y = { field: "label", type: "nominal" as const, title: null, sort: null };
  // Ours first, in the colours that stand out; several of ours beside each other, what was published on top of them.
  const domain = [...subjects, ...new Set(theirs.map((row) => row.subject))];
  const yOffset = subjects.size > 1 ? { yOffset: { field: "subject", type: "nominal" as const, scale: { domain: [...subjects] } } } : {};
  const color = { field: "subject", type: "nominal" as const, title: null, scale: { domain }, legend: { orient: "top" as const, columns: { expr: "width < 420 ? 1 : 2" }, labelLimit: 260 } };
  return {
    data: { values: [...ours.map((row) => ({ ...row, of: "ours" })), ...theirs.map((row) => ({ ...row, of: "published" }))] },
    height: subjects.size > 1 ? { step: 13, for: "offset" } : { step: 24 },
    layer: [
      { transform: [{ filter: "datum.of == 'ours'" }], mark: { type: "rule", strokeWidth: 2.5, strokeCap: "round", opacity: 0.75 }, encoding: { y, ...yOffset, x: { field: "low", type: "quantitative" }, x2: { field: "high" }, color } },
      { transform: [{ filter: "datum.of == 'ours'" }], mark: { type: "point", filled: true, size: 75, opacity: 1 }, encoding: { y, ...yOffset, x: { field: "estimate", type: "quantitative", title: null, scale: { zero: false } }, color } },
      { transform: [{ filter: "datum.of == 'published'" }], mark: { type: "point", shape: "diamond", filled: false, size: 85, strokeWidth: 1.8 }, encoding: { y, x: { field: "estimate", type: "quantitative" }, color } },
    ],
  };
}
