import { expressionInterpreter } from "vega-interpreter";
import { Error as ERRORS_ONLY, logger, parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** Colours of the theme that is set, read from the page. */
function palette(): Record<string, string> {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return { text: read("--text"), muted: read("--muted"), line: read("--line"), accent: read("--accent"), warn: read("--warn") };
}

/** Categorical colours that keep apart in both themes and for most colour-blind readers. */
const CATEGORIES = ["#1a8a82", "#d0701f", "#5b6fc9", "#b8457f", "#7a8b1e", "#8a5a3c", "#3f8fc0", "#9a63c4"];

/** Draws a Vega-Lite chart by the interpreter, which needs no eval and so no hole in the content security policy. */
export async function draw(container: HTMLElement, spec: TopLevelSpec, description: string): Promise<View> {
  const { text, muted, line, accent } = palette();
  const { spec: plan } = compile(spec, {
    logger: logger(ERRORS_ONLY),
    config: {
      background: "transparent",
      font: "Inter, system-ui, sans-serif",
      view: { stroke: null },
      axis: { labelColor: muted, titleColor: muted, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, labelLimit: 220 },
      legend: { labelColor: text, titleColor: muted, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500 },
      mark: { color: accent },
      bar: { color: accent },
      point: { color: accent },
      rule: { color: accent },
      range: { category: CATEGORIES },
    },
  });
  const view = new View(parse(plan, undefined, { ast: true }), { expr: expressionInterpreter, renderer: "svg", hover: true });
  view.description(description);
  await view.initialize(container).runAsync();
  container.querySelector("svg")?.setAttribute("aria-hidden", "true"); // the place around it says what is to be seen
  return view;
}
