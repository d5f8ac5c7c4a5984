// Where the time of faults went: a bar for each stage and wait, which begins where the one before
// it has ended, for each run in its colour. The last row is the mean latency, which they add up to.
import { scaleLinear } from "d3-scale";
import { escapeText, svg } from "../figure/svg.ts";
import { axisBelow, type AxisPlace, type Chart, LETTER_WIDTH } from "./chart-frame.ts";
import { seriesClass } from "./chart-style.ts";
import { percentText, shortNumber, timeText, timeUnit, type Unit } from "./units.ts";

/** One activity of one run. */
export interface WaterfallPart {
  readonly name: string;
  readonly isWait: boolean;
  /** Mean time of a fault in it. */
  readonly meanPs: number;
}

/** One run. */
export interface WaterfallSeries {
  readonly label: string;
  readonly series: number;
  readonly nrFaults: number;
  /** In the order of the figure. */
  readonly parts: readonly WaterfallPart[];
}

const BAR = 10;
const ROW_GAP = 6;
const LEFT = 96;
const WIDTH = 430;
const TOP = 4;

/** A chart of one kind of faults. */
export function stageWaterfall(
  title: string,
  notes: readonly string[],
  all: readonly WaterfallSeries[],
): Chart {
  const names = rowNames(all);
  const total = ({ parts }: WaterfallSeries): number =>
    parts.reduce((sum, { meanPs }) => sum + meanPs, 0);
  const maxPs = Math.max(1, ...all.map(total));
  const unit = timeUnit(maxPs);
  const x = scaleLinear([0, maxPs / unit.size], [LEFT, LEFT + WIDTH]);
  const rowHeight = all.length * BAR + ROW_GAP;
  const bottom = TOP + (names.length + 1) * rowHeight + 4;
  const place: AxisPlace = { left: LEFT, right: LEFT + WIDTH, top: TOP, bottom };
  const bars = all.flatMap((one, n) => {
    let before = 0;
    const parts = names.flatMap(({ name, isWait }, row) => {
      const meanPs = one.parts.find((part) => part.name === name)?.meanPs ?? 0;
      if (meanPs === 0) return [];
      const from = before;
      before += meanPs;
      const y = TOP + row * rowHeight + n * BAR;
      const of = { from, to: before, y, unit, shareOf: total(one), isWait };
      return [bar(x, one, of)];
    });
    const y = TOP + names.length * rowHeight + n * BAR + 4;
    return [...parts, bar(x, one, { from: 0, to: before, y, unit, shareOf: null, isWait: false })];
  });
  const labels = [...names.map(({ name, isWait }) => (isWait ? `wait: ${name}` : name)), "all"];
  const rows = labels.map((label, row) => {
    const y = TOP + row * rowHeight + (all.length * BAR) / 2 + 3 + (row === names.length ? 4 : 0);
    return svg("text", { x: LEFT - 8, y, "text-anchor": "end" }, escapeText(label));
  });
  const ticks = x.ticks(6).map((value) => ({ at: x(value), label: shortNumber(value) }));
  const legend = all.length === 1 ? [] : legendBelow(all, bottom + 48);
  return {
    title,
    notes,
    width: LEFT + WIDTH + 110,
    height: bottom + 34 + (legend.length > 0 ? legend.length * 15 + 6 : 0),
    body: [
      axisBelow(place, ticks, `mean time of a fault in ${unit.name}`),
      ...rows,
      ...bars,
      ...legend,
    ],
  };
}

interface Row {
  readonly name: string;
  readonly isWait: boolean;
}

/** Every activity that any run has, in an order that suits all: that of the longest list. */
function rowNames(all: readonly WaterfallSeries[]): Row[] {
  const rows: Row[] = [];
  for (const { parts } of all) {
    let at = 0;
    for (const { name, isWait } of parts) {
      const known = rows.findIndex((row) => row.name === name);
      if (known >= 0) at = Math.max(at, known + 1);
      else rows.splice(at++, 0, { name, isWait });
    }
  }
  return rows;
}

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly unit: Unit;
  readonly shareOf: number | null;
  readonly isWait: boolean;
}

function bar(
  x: (value: number) => number,
  { label, series }: WaterfallSeries,
  { from, to, y, unit, shareOf, isWait }: Bar,
): string {
  const [left, right] = [x(from / unit.size), x(to / unit.size)];
  const share = shareOf === null ? "" : `, ${percentText((to - from) / shareOf)}`;
  const text = `${timeText(to - from)}${share}`;
  const isRight = right + text.length * LETTER_WIDTH < LEFT + WIDTH + 104;
  return [
    svg(
      "rect",
      {
        class: isWait ? `wait ${seriesClass(series)}` : seriesClass(series),
        x: left,
        y,
        width: Math.max(0.8, right - left),
        height: BAR - 2,
      },
      svg("title", {}, escapeText(`${label}: ${text}`)),
    ),
    svg(
      "text",
      {
        class: "soft number halo",
        style: "font-size:9px",
        x: isRight ? right + 4 : left - 4,
        y: y + BAR - 3,
        "text-anchor": isRight ? undefined : "end",
      },
      escapeText(text),
    ),
  ].join("");
}

function legendBelow(all: readonly WaterfallSeries[], top: number): string[] {
  return all.map(({ label, series, nrFaults }, n) => {
    const y = top + n * 15;
    return [
      svg("rect", { class: seriesClass(series), x: LEFT, y: y - 8, width: 18, height: 8 }),
      svg(
        "text",
        { class: seriesClass(series), x: LEFT + 24, y },
        escapeText(`${label} (n = ${nrFaults})`),
      ),
    ].join("");
  });
}
