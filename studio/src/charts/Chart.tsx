import { type ReactNode, useEffect, useRef, useState } from "react";
import type { TopLevelSpec } from "vega-lite";

import { useSettled } from "../lib/hooks";

interface Props {
  spec: TopLevelSpec;
  /** What the chart shows, in a sentence: for those who do not see it. */
  description: string;
  /** The same figures as a table. */
  table?: ReactNode;
  height?: number;
  /** What to do when a mark whose datum has an `id` is clicked. */
  onPick?: (id: string) => void;
}

/** Whether a chart is as high as its rows need. */
function hasSteps(spec: TopLevelSpec): boolean {
  return "height" in spec && typeof spec.height === "object" && spec.height !== null && "step" in spec.height;
}

/** A chart as wide as its place; the library comes when the first chart is drawn. */
export function Chart({ spec, description, table, height = 240, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [failure, setFailure] = useState("");
  const [isDrawn, setDrawn] = useState(false);
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  const settled = useSettled(width, 80);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    const themes = new MutationObserver(() => setTheme(document.documentElement.dataset.theme));
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => { observer.disconnect(); themes.disconnect(); };
  }, []);
  useEffect(() => {
    const element = place.current;
    if (!element || settled < 40) return;
    let isOver = false;
    let finalize = () => {};
    import("./engine")
      .then(({ draw }) => (isOver ? null : draw(element, { ...spec, width: settled, autosize: { type: hasSteps(spec) ? "fit-x" : "fit", contains: "padding" } } as TopLevelSpec, description)))
      .then((view) => {
        if (view && isOver) view.finalize();
        else if (view) {
          finalize = () => view.finalize();
          view.addEventListener("click", (_, item) => { const datum = item?.datum as { id?: unknown } | undefined; if (typeof datum?.id === "string") pick.current?.(datum.id); });
          setDrawn(true);
        }
      })
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
    return () => { isOver = true; finalize(); };
  }, [spec, settled, theme, description]);
  return (
    <figure className="chart">
      <div ref={place} className="chart-place" style={{ minHeight: isDrawn ? undefined : height }} role="img" aria-label={description} />
      {failure ? <p className="small error-text">The chart cannot be drawn: {failure}</p> : null}
      {table ? <details><summary className="small muted">The figures as a table</summary><div className="table-wrap" tabIndex={0} role="region" aria-label={`${description}: the figures`}>{table}</div></details> : null}
    </figure>
  );
}
