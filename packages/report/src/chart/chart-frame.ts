// What all charts have in common: the sheet with a title, axes with their units, and labels that do
// not lie on each other.
import { escapeText, round, svg } from "../figure/svg.ts";
import { CHART_CLASS, CHART_STYLE } from "./chart-style.ts";

/** A chart as a whole. */
export interface Chart {
  readonly title: string;
  /** What the title does not say: number of faults, seed, what is uncertain. */
  readonly notes: readonly string[];
  readonly width: number;
  /** Of what is below title and notes. */
  readonly height: number;
  /** Elements, with the origin below the notes. */
  readonly body: readonly string[];
}

/** A tick of an axis. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Width of a character of 11 pixels, on the wide side. */
export const LETTER_WIDTH = 6.2;
/** The same in bold. */
export const BOLD_WIDTH = 7.2;
/** Height of a line of text. */
export const TEXT_HEIGHT = 15;
const MARGIN = 12;

/** The chart as SVG that stands alone: style and colours are in it. */
export function drawChart({ title, notes, width, height, body }: Chart): string {
  const top = MARGIN + 18 + notes.length * TEXT_HEIGHT;
  const total = top + height + MARGIN;
  const head = [
    svg("text", { class: "title", x: MARGIN, y: MARGIN + 11 }, escapeText(title)),
    ...notes.map((note, n) =>
      svg(
        "text",
        { class: "soft", x: MARGIN, y: MARGIN + 11 + (n + 1) * TEXT_HEIGHT },
        escapeText(note),
      ),
    ),
  ];
  return `${svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: CHART_CLASS,
      viewBox: `0 0 ${round(width)} ${round(total)}`,
      width,
      height: total,
      role: "img",
      "aria-label": [title, ...notes].join(". "),
    },
    "\n",
    svg("style", {}, CHART_STYLE),
    "\n",
    svg("rect", { class: "paper", width, height: total }),
    "\n",
    head.join("\n"),
    "\n",
    svg("g", { transform: `translate(0 ${round(top)})` }, "\n", body.join("\n"), "\n"),
    "\n",
  )}\n`;
}

/** Where an axis lies. */
export interface AxisPlace {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The axis below a field, with lines up through it and its title at the right end. */
export function axisBelow(
  { left, right, top, bottom }: AxisPlace,
  ticks: readonly Tick[],
  title: string,
): string {
  const lines = ticks.map(({ at }) => `M${round(at)} ${round(top)}V${round(bottom)}`).join("");
  const labels = ticks.map(({ at, label }) =>
    svg(
      "text",
      { class: "soft number", x: at, y: bottom + 14, "text-anchor": "middle" },
      escapeText(label),
    ),
  );
  return [
    svg("path", { class: "grid", d: lines }),
    svg("path", { class: "axis", d: `M${round(left)} ${round(bottom)}H${round(right)}` }),
    ...labels,
    svg(
      "text",
      { class: "soft", x: (left + right) / 2, y: bottom + 30, "text-anchor": "middle" },
      escapeText(title),
    ),
  ].join("\n");
}

/** The axis at the left of a field, with lines through it; its title stands above it. */
export function axisLeft(
  { left, right, top }: AxisPlace,
  ticks: readonly Tick[],
  title: string,
): string {
  const lines = ticks.map(({ at }) => `M${round(left)} ${round(at)}H${round(right)}`).join("");
  const labels = ticks.map(({ at, label }) =>
    svg(
      "text",
      { class: "soft number", x: left - 6, y: at + 4, "text-anchor": "end" },
      escapeText(label),
    ),
  );
  return [
    svg("path", { class: "grid", d: lines }),
    ...labels,
    svg("text", { class: "soft", x: 12, y: top - 14 }, escapeText(title)),
  ].join("\n");
}

/** Moves labels apart that would lie on each other, as little as that takes. */
export function spreadLabels(
  wanted: readonly number[],
  gap: number,
  top: number,
  bottom: number,
): number[] {
  const order = wanted.map((y, at) => ({ y, at })).sort((a, b) => a.y - b.y || a.at - b.at);
  const placed: number[] = [];
  order.forEach(({ y }, n) => {
    placed.push(Math.max(y, n === 0 ? top : (placed[n - 1] as number) + gap));
  });
  let limit = bottom;
  for (let n = placed.length - 1; n >= 0; n--) {
    placed[n] = Math.min(placed[n] as number, limit);
    limit = (placed[n] as number) - gap;
  }
  const result: number[] = [];
  order.forEach(({ at }, n) => (result[at] = placed[n] as number));
  return result;
}
