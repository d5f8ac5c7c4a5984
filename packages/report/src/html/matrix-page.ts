// The whole matrix of a benchmark as one HTML file: a heat map for each profile and size, and what
// the cells without a number say.
import { drawChart } from "../chart/chart-frame.ts";
import { type HeatMap, heatMap } from "../chart/heat-map.ts";
import { escapeText } from "../figure/svg.ts";
import { element } from "./html.ts";
import { htmlPage } from "./html-page.ts";

/** One heat map of the page. */
export interface MatrixFigure {
  readonly title: string;
  readonly notes: readonly string[];
  readonly map: HeatMap;
  /** Why cells have no number: who, and what. */
  readonly reasons: readonly (readonly [who: string, what: string])[];
}

/** The heat maps of one profile. */
export interface MatrixSection {
  readonly title: string;
  readonly figures: readonly MatrixFigure[];
}

/**
 * The page.
 * @param about what it shows, in sentences.
 * @param createdBy such as `faultline 0.1.0`.
 */
export function matrixPage(
  title: string,
  about: readonly string[],
  sections: readonly MatrixSection[],
  createdBy: string,
): string {
  const links = sections.map(({ title: name }, at) =>
    element("li", {}, element("a", { href: `#p${at + 1}` }, escapeText(name))),
  );
  return htmlPage(title, [
    element("h1", {}, escapeText(title)),
    ...about.map((words) => element("p", {}, escapeText(words))),
    element("p", { class: "quiet" }, escapeText(`Simulated with ${createdBy}.`)),
    ...(sections.length > 1 ? [element("nav", {}, element("ul", {}, ...links))] : []),
    ...sections.map((section, at) => drawSection(section, `p${at + 1}`)),
  ]);
}

function drawSection({ title, figures }: MatrixSection, id: string): string {
  return element(
    "section",
    { id },
    element("h2", {}, escapeText(title)),
    ...figures.flatMap(({ title: name, notes, map, reasons }) => [
      element("figure", { class: "wide" }, drawChart(heatMap(name, notes, map))),
      ...(reasons.length === 0 ? [] : [reasonsOf(reasons)]),
    ]),
  );
}

function reasonsOf(reasons: MatrixFigure["reasons"]): string {
  const items = reasons.map(([who, what]) => element("li", {}, escapeText(`${who}: ${what}`)));
  return element(
    "details",
    {},
    element("summary", {}, "Cells without a number"),
    element("ul", {}, ...items),
  );
}
