// Where pages were: memory in use in each place over simulated time, as it changed, all on the same
// scale. Where changes are too many for pixels, a column shows everything from least to most.
import { escapeText, round, svg } from "../figure/svg.ts";
import { type AxisPlace, BOLD_WIDTH, type Chart, LETTER_WIDTH } from "./chart-frame.ts";
import { seriesClass } from "./chart-style.ts";
import { type StepMark, timeField } from "./time-field.ts";
import { sizeText } from "./units.ts";

/** Memory in use in one place. */
export interface PlaceUse {
  readonly name: string;
  /** From each instant on, so many bytes. */
  readonly timesPs: readonly number[];
  readonly bytes: readonly number[];
}

const LEFT = 132;
const TOP = 18;
const ROW = 54;
const GAP = 14;
const WIDTH = 560;

/** A chart of one run. */
export function placementTimeline(
  title: string,
  notes: readonly string[],
  places: readonly PlaceUse[],
  endPs: number,
  marks: readonly StepMark[],
): Chart {
  const bottom = TOP + places.length * (ROW + GAP);
  const place: AxisPlace = { left: LEFT, right: LEFT + WIDTH, top: TOP, bottom };
  const most = Math.max(1, ...places.map(({ bytes }) => mostOf(bytes)));
  const { x, axis } = timeField(place, endPs, marks);
  const rows = places.map((one, n) => {
    const base = TOP + (n + 1) * (ROW + GAP);
    const y = (bytes: number): number => base - (bytes / most) * ROW;
    const path = stairs(one, x, y, place.right);
    const top = { class: "soft number", style: "font-size:9px", x: LEFT - 4, "text-anchor": "end" };
    const right = { class: "soft number", x: place.right + 8 };
    return [
      svg("path", { class: "grid", d: `M${LEFT} ${round(base - ROW)}h${WIDTH}` }),
      svg("path", { class: `area ${seriesClass(n)}`, d: `${path}V${round(base)}H${LEFT}Z` }),
      svg("path", { class: `line ${seriesClass(n)}`, "stroke-width": 1, d: path }),
      svg("path", { class: "axis", d: `M${LEFT} ${round(base)}h${WIDTH}` }),
      svg(
        "text",
        { class: seriesClass(n), x: LEFT - 58, y: base - ROW / 2 + 4, "text-anchor": "end" },
        escapeText(one.name),
      ),
      svg("text", { ...top, y: base - ROW + 3 }, sizeText(most)),
      svg("text", { ...top, y: base + 3 }, "0"),
      svg("text", { ...right, y: base - ROW / 2 - 3 }, `most ${sizeText(mostOf(one.bytes))}`),
      svg(
        "text",
        { ...right, y: base - ROW / 2 + 11 },
        `at the end ${sizeText(lastOf(one.bytes))}`,
      ),
    ].join("\n");
  });
  const longest = Math.max(0, ...places.map(({ name }) => name.length)) * BOLD_WIDTH;
  return {
    title,
    notes,
    width: place.right + 20 + Math.max(22 * LETTER_WIDTH, longest),
    height: bottom + 34,
    body: [axis, ...rows],
  };
}

function mostOf(bytes: readonly number[]): number {
  return bytes.reduce((most, one) => Math.max(most, one), 0);
}

function lastOf(bytes: readonly number[]): number {
  return bytes.at(-1) ?? 0;
}

/** Half a pixel is as fine as it gets: of what falls into one, the first, extremes and the last. */
function stairs(
  { timesPs, bytes }: PlaceUse,
  x: (ps: number) => number,
  y: (bytes: number) => number,
  right: number,
): string {
  const parts = [`M${round(x(0))} ${round(y(0))}`];
  for (let n = 0; n < timesPs.length; ) {
    const column = Math.floor(x(timesPs[n] as number) * 2);
    let least = bytes[n] as number;
    let most = least;
    let last = least;
    parts.push(`H${round(column / 2)}V${round(y(least))}`);
    for (n++; n < timesPs.length && Math.floor(x(timesPs[n] as number) * 2) === column; n++) {
      last = bytes[n] as number;
      least = Math.min(least, last);
      most = Math.max(most, last);
    }
    if (most > least) parts.push(`V${round(y(least))}V${round(y(most))}V${round(y(last))}`);
  }
  return `${parts.join("")}H${round(right)}`;
}
