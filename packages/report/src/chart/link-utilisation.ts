// How busy the ways between memories were: for each way, the share of every slice of time in which
// at least one copy was under way. What sharing a link adds is a wait of its fault, and not in it.
import { escapeText, round, svg } from "../figure/svg.ts";
import { type AxisPlace, type Chart, LETTER_WIDTH } from "./chart-frame.ts";
import { seriesClass } from "./chart-style.ts";
import { type StepMark, timeField } from "./time-field.ts";
import { percentText, shortNumber, sizeText } from "./units.ts";

/** Copies from one place to another. */
export interface WayUse {
  /** `node 0 → gpu0`. */
  readonly name: string;
  /** In no special order. */
  readonly startsPs: readonly number[];
  readonly endsPs: readonly number[];
  readonly bytes: number;
}

/** What a way has carried. */
export interface WayTotals {
  /** Time with at least one copy under way. */
  readonly busyPs: number;
  /** For each slice of time, the share of it that was busy, 0 to 1. */
  readonly shares: readonly number[];
}

const LEFT = 132;
const TOP = 18;
const ROW = 34;
const GAP = 12;
const WIDTH = 560;
/** What the top of a row can stand for. */
const SCALES = [0.05, 0.1, 0.2, 0.5, 1];
/** Slices of time: two pixels each. */
const NR_SLICES = WIDTH / 2;

/** Adds up what a way was busy, however its copies overlap. */
export function wayTotals(
  { startsPs, endsPs }: Pick<WayUse, "startsPs" | "endsPs">,
  endPs: number,
  nrSlices: number,
): WayTotals {
  const slicePs = Math.max(1, endPs) / nrSlices;
  const order = startsPs
    .map((_, n) => n)
    .sort((a, b) => {
      return (startsPs[a] as number) - (startsPs[b] as number);
    });
  const shares = Array.from({ length: nrSlices }, () => 0);
  let busyPs = 0;
  let untilPs = 0;
  for (const n of order) {
    const fromPs = Math.max(untilPs, startsPs[n] as number);
    untilPs = Math.max(untilPs, endsPs[n] as number);
    if (untilPs <= fromPs) continue;
    busyPs += untilPs - fromPs;
    const last = Math.min(nrSlices - 1, Math.ceil(untilPs / slicePs) - 1);
    for (let slice = Math.min(last, Math.floor(fromPs / slicePs)); slice <= last; slice++) {
      const partPs = Math.min(untilPs, (slice + 1) * slicePs) - Math.max(fromPs, slice * slicePs);
      shares[slice] = Math.min(1, (shares[slice] as number) + Math.max(0, partPs) / slicePs);
    }
  }
  return { busyPs, shares };
}

/** A chart of one run. */
export function linkUtilisation(
  title: string,
  notes: readonly string[],
  ways: readonly WayUse[],
  endPs: number,
  marks: readonly StepMark[],
): Chart {
  const bottom = TOP + ways.length * (ROW + GAP);
  const place: AxisPlace = { left: LEFT, right: LEFT + WIDTH, top: TOP, bottom };
  const { axis } = timeField(place, endPs, marks);
  const totals = ways.map((way) => wayTotals(way, endPs, NR_SLICES));
  const most = Math.max(...totals.flatMap(({ shares }) => shares));
  const top = SCALES.find((scale) => most <= scale) ?? 1;
  const rows = ways.map((way, n) => {
    const y = TOP + n * (ROW + GAP) + GAP;
    return drawWay(way, totals[n] as WayTotals, { series: n, endPs, y, top });
  });
  return {
    title,
    notes,
    width: place.right + 20 + 27 * LETTER_WIDTH,
    height: bottom + 34,
    body: [axis, ...rows],
  };
}

interface WayRow {
  readonly series: number;
  readonly endPs: number;
  readonly y: number;
  /** The share at the top of the row; the same for all rows of a chart. */
  readonly top: number;
}

function drawWay(
  way: WayUse,
  { busyPs, shares }: WayTotals,
  { series: n, endPs, y: top, top: scale }: WayRow,
): string {
  const base = top + ROW;
  const steps = shares.map((share) => `V${round(base - (share / scale) * ROW)}h2`).join("");
  const isBusy = busyPs > 0;
  const busy = isBusy ? `busy ${percentText(busyPs / endPs)} of the time` : "no price, so no time";
  const rate = busyPs === 0 ? "" : `, ${shortNumber((way.bytes / busyPs) * 1e3)} GB/s then`;
  const words = [`${sizeText(way.bytes)}${rate}`, busy];
  const x = LEFT + WIDTH + 8;
  return [
    svg("path", { class: "grid", d: `M${LEFT} ${round(top)}h${WIDTH}` }),
    svg("path", { class: "axis", d: `M${LEFT} ${round(base)}h${WIDTH}` }),
    svg("path", {
      class: `area ${seriesClass(n)}`,
      d: `M${LEFT} ${round(base)}${steps}V${round(base)}Z`,
    }),
    svg(
      "text",
      { class: seriesClass(n), x: LEFT - 38, y: top + ROW / 2 + 4, "text-anchor": "end" },
      escapeText(way.name),
    ),
    ...[`${shortNumber(scale * 100)} %`, "0"].map((label, at) =>
      svg(
        "text",
        {
          class: "soft number",
          style: "font-size:9px",
          x: LEFT - 4,
          y: (at === 0 ? top : base) + 3,
          "text-anchor": "end",
        },
        label,
      ),
    ),
    ...words.map((word, at) =>
      svg("text", { class: "soft number", x, y: top + 12 + at * 14 }, escapeText(word)),
    ),
  ].join("\n");
}
