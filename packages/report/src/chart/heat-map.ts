// A heat map: rows and columns of times, darker where they are longer. The shade follows the
// logarithm, because a fault may take a microsecond in one cell and a millisecond in the next.
import { escapeText, svg } from "../figure/svg.ts";
import { type Chart, LETTER_WIDTH, TEXT_HEIGHT } from "./chart-frame.ts";
import { timeText } from "./units.ts";

/** One cell. */
export interface HeatCell {
  /** Null where there is no number. */
  readonly ps: number | null;
  /** What a reader may want to know of it: shown when the pointer rests on it. */
  readonly about: string;
}

/** Columns that have something in common. */
export interface HeatGroup {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What is drawn: `cells[row][column]`, the columns of all groups one after the other. */
export interface HeatMap {
  readonly rows: readonly string[];
  readonly groups: readonly HeatGroup[];
  readonly cells: readonly (readonly HeatCell[])[];
}

const CELL_WIDTH = 54;
const CELL_HEIGHT = 22;
const GROUP_GAP = 10;
/** Two lines of heads. */
const TOP = 2 * TEXT_HEIGHT + 6;
/** The lightest and the darkest shade; letters stay readable on both. */
const LEAST = 0.06;
const MOST = 0.62;

/** A chart of a table of times. */
export function heatMap(
  title: string,
  notes: readonly string[],
  { rows, groups, cells }: HeatMap,
): Chart {
  const left = 20 + Math.max(0, ...rows.map((row) => row.length)) * LETTER_WIDTH;
  const shade = shadeOf(cells.flat().flatMap(({ ps }) => (ps === null || ps <= 0 ? [] : [ps])));
  const columns = groups.flatMap(({ columns: own }, group) => own.map((name) => ({ name, group })));
  const xOf = (column: number): number =>
    left + column * CELL_WIDTH + (columns[column]?.group ?? 0) * GROUP_GAP;
  const heads = [
    ...groups.map(({ name }, group) => {
      const first = columns.findIndex((column) => column.group === group);
      return text(name, xOf(first), TEXT_HEIGHT, "title", "start");
    }),
    ...columns.map(({ name }, n) =>
      text(name, xOf(n) + CELL_WIDTH / 2, 2 * TEXT_HEIGHT, "soft", "middle"),
    ),
  ];
  const lines = rows.map((row, n) => {
    const y = TOP + n * CELL_HEIGHT;
    const boxes = (cells[n] ?? []).map((cell, column) => drawCell(cell, xOf(column), y, shade));
    return [text(row, left - 8, y + 15, "", "end"), ...boxes].join("\n");
  });
  const width = xOf(columns.length - 1) + CELL_WIDTH + 20;
  return {
    title,
    notes,
    width,
    height: TOP + rows.length * CELL_HEIGHT,
    body: [...heads, ...lines],
  };
}

/** From a time to the opacity of its cell. */
function shadeOf(times: readonly number[]): (ps: number) => number {
  const logs = times.map((ps) => Math.log2(ps));
  const least = Math.min(...logs);
  const range = Math.max(...logs) - least;
  return (ps) => {
    const share = range === 0 ? 0 : (Math.log2(ps) - least) / range;
    return Math.round((LEAST + share * (MOST - LEAST)) * 100) / 100;
  };
}

function drawCell({ ps, about }: HeatCell, x: number, y: number, shade: (ps: number) => number) {
  const box = { x: x + 1, y: y + 1, width: CELL_WIDTH - 2, height: CELL_HEIGHT - 2 };
  const style = ps === null || ps <= 0 ? undefined : `fill-opacity:${shade(ps)};stroke:none`;
  return svg(
    "g",
    {},
    svg("title", {}, escapeText(about)),
    svg("rect", { class: style === undefined ? "grid" : "series-1", style, ...box }),
    text(ps === null ? "–" : timeText(ps), x + CELL_WIDTH / 2, y + 15, "number", "middle"),
  );
}

function text(words: string, x: number, y: number, kind: string, anchor: string): string {
  const attributes = { class: kind === "" ? undefined : kind, x, y, "text-anchor": anchor };
  return svg("text", attributes, escapeText(words));
}
