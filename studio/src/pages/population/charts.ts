import type { TopLevelSpec } from "vega-lite";

import type { Distribution, PopulationMap } from "../../api/types";

/** A histogram, or bars with a tick for the share that was wanted. */
export function distributionSpec(found: Distribution, title: string): TopLevelSpec {
  if (found.bins) {
    return {
      data: { values: found.bins },
      height: 190,
      mark: { type: "bar", binSpacing: 1 },
      encoding: {
        x: { field: "low", type: "quantitative", bin: { binned: true }, title },
        x2: { field: "high" },
        y: found.is_weighted ? { field: "share", type: "quantitative", title: "weighted share", axis: { format: "%" } } : { field: "count", type: "quantitative", title: "people" },
      },
    };
  }
  const rows = (found.categories ?? []).slice(0, 30);
  const y = { field: "value", type: "nominal" as const, title: null, sort: null };
  return {
    data: { values: rows },
    height: { step: 24 },
    layer: [
      { mark: { type: "bar", cornerRadiusEnd: 3, height: { band: 0.62 } }, encoding: { y, x: { field: "share", type: "quantitative", title: found.is_weighted ? "weighted share" : "share of people", axis: { format: "%" } } } },
      { transform: [{ filter: "isValid(datum.target)" }], mark: { type: "tick", thickness: 3, color: "#d0701f", size: 22 }, encoding: { y, x: { field: "target", type: "quantitative" } } },
    ],
  };
}

/** People as points, near each other where they are alike. */
export function mapSpec(map: PopulationMap, title: string): TopLevelSpec {
  const isNumber = map.points.some((point) => typeof point.color === "number");
  return {
    data: { values: map.points },
    height: 340,
    mark: { type: "point", filled: true, size: map.points.length > 1500 ? 14 : 34, opacity: 0.65 },
    encoding: {
      x: { field: "x", type: "quantitative", axis: null, scale: { zero: false } },
      y: { field: "y", type: "quantitative", axis: null, scale: { zero: false } },
      ...(title
        ? { color: isNumber ? { field: "color", type: "quantitative" as const, title, scale: { scheme: "tealblues" as const }, legend: { orient: "top" as const, gradientLength: 180 } } : { field: "color", type: "nominal" as const, title, legend: { orient: "top" as const, columns: { expr: "width < 420 ? 2 : 4" }, labelLimit: 140 } } }
        : {}),
    },
  };
}
