// How long faults take, as the share of them that is done by then. Nothing is smoothed: a curve
// goes up by one fault at a time. Ranges of uncertain prices are whiskers at their percentiles.
import { scaleLinear, scaleLog } from "d3-scale";
import { escapeText, round, svg } from "../figure/svg.ts";
import {
  type AxisPlace,
  axisBelow,
  axisLeft,
  type Chart,
  BOLD_WIDTH,
  spreadLabels,
  TEXT_HEIGHT,
  type Tick,
} from "./chart-frame.ts";
import { seriesClass, seriesDashes } from "./chart-style.ts";
import { shortNumber, timeText, timeUnit } from "./units.ts";

/** The range of a percentile. */
export interface CdfInterval {
  /** 0 to 1. */
  readonly share: number;
  readonly lowPs: number;
  readonly highPs: number;
}

/** One curve. */
export interface CdfSeries {
  readonly label: string;
  /** Its colour. */
  readonly series: number;
  /** In ascending order; at least one. */
  readonly latenciesPs: Float64Array;
  readonly intervals?: readonly CdfInterval[];
}

const FIELD = { left: 52, top: 32, width: 430, height: 220 };
/** From this ratio of the largest to the smallest latency on, the axis is logarithmic. */
const LOG_FROM = 8;
/** Points of a curve at most: more would fall on the same pixels. */
const MAX_POINTS = 600;

/** A chart of curves that belong together. */
export function latencyCdf(
  title: string,
  notes: readonly string[],
  all: readonly CdfSeries[],
): Chart {
  const { left, top, width, height } = FIELD;
  const place: AxisPlace = { left, right: left + width, top, bottom: top + height };
  const names = all.map(({ label, latenciesPs }) => `${label} (n = ${latenciesPs.length})`);
  const right = Math.max(...names.map(({ length }) => length)) * BOLD_WIDTH + 16;
  const x = latencyScale(all, place);
  const y = (share: number): number => top + height * (1 - share);
  const ends = all.map(({ latenciesPs }) => y(0.5) + medianShift(latenciesPs));
  const labels = spreadLabels(ends, TEXT_HEIGHT, top + 6, top + height - 6);
  const shares: Tick[] = [0, 0.25, 0.5, 0.75, 0.9, 1].map((share) => ({
    at: y(share),
    label: `${share * 100} %`,
  }));
  const curves = all.map(({ series, latenciesPs }) =>
    svg("path", {
      class: `line ${seriesClass(series)}`,
      "stroke-dasharray": seriesDashes(series),
      d: curvePath(latenciesPs, x.at, y, place.right),
    }),
  );
  const texts = all.map(({ series }, n) => {
    const at = labels[n] as number;
    return [
      svg("path", {
        class: `line ${seriesClass(series)}`,
        "stroke-dasharray": seriesDashes(series),
        d: `M${place.right + 8} ${round(at)}h14`,
      }),
      svg(
        "text",
        { class: seriesClass(series), x: place.right + 26, y: at + 4 },
        escapeText(names[n] as string),
      ),
    ].join("");
  });
  const whiskers = all.flatMap(({ series, intervals = [] }) =>
    intervals.map((interval) => {
      // Whiskers of different curves lie beside each other.
      return whisker(interval, series, x.at, y(interval.share) + (series % 4) * 3 - 3);
    }),
  );
  const axis = `fault latency in ${x.unit}${x.isLog ? ", logarithmic" : ""}`;
  return {
    title,
    notes,
    width: place.right + 24 + right,
    height: top + height + 34,
    body: [
      axisBelow(place, x.ticks, axis),
      axisLeft(place, shares, "share of faults done by then"),
      ...curves,
      ...whiskers,
      ...texts,
    ],
  };
}

interface LatencyScale {
  readonly at: (ps: number) => number;
  readonly ticks: readonly Tick[];
  readonly unit: string;
  readonly isLog: boolean;
}

function latencyScale(all: readonly CdfSeries[], { left, right }: AxisPlace): LatencyScale {
  const intervals = all.flatMap((one) => one.intervals ?? []);
  const lowest = all.map(({ latenciesPs }) => latenciesPs[0] ?? 1);
  const highest = all.map(({ latenciesPs }) => latenciesPs.at(-1) ?? 1);
  const min = Math.max(1, Math.min(...lowest, ...intervals.map(({ lowPs }) => lowPs)));
  const max = Math.max(2, ...highest, ...intervals.map(({ highPs }) => highPs));
  const unit = timeUnit(max);
  const isLog = max / min >= LOG_FROM;
  const tick = (at: (ps: number) => number, value: number): Tick => ({
    at: at(value * unit.size),
    label: shortNumber(value),
  });
  if (!isLog) {
    const scale = scaleLinear([0, max * 1.04], [left, right]);
    const at = (ps: number): number => scale(ps);
    const inUnits = scaleLinear([0, (max * 1.04) / unit.size], [0, 1]);
    const ticks = inUnits.ticks(7).map((value) => tick(at, value));
    return { at, ticks, unit: unit.name, isLog };
  }
  const scale = scaleLog([min / 1.15, max * 1.15], [left, right]);
  const at = (ps: number): number => scale(Math.max(ps, min / 1.15));
  return { at, ticks: logTicks(min, max, unit.size, tick, at), unit: unit.name, isLog };
}

/** 1, 2 and 5 of each decade; only 1 where there are more than three. */
function logTicks(
  min: number,
  max: number,
  unitPs: number,
  tick: (at: (ps: number) => number, value: number) => Tick,
  at: (ps: number) => number,
): Tick[] {
  const first = Math.floor(Math.log10(min / unitPs));
  const last = Math.ceil(Math.log10(max / unitPs));
  const steps = last - first > 4 ? [1] : [1, 2, 5];
  const ticks: Tick[] = [];
  for (let decade = first; decade <= last; decade++) {
    for (const step of steps) {
      const value = Number(`${step}e${decade}`);
      if (value * unitPs >= min / 1.15 && value * unitPs <= max * 1.15) ticks.push(tick(at, value));
    }
  }
  return ticks;
}

/** A stair from no fault to all of them, and on to the right end. */
function curvePath(
  sorted: Float64Array,
  x: (ps: number) => number,
  y: (share: number) => number,
  right: number,
): string {
  const step = Math.max(1, Math.ceil(sorted.length / MAX_POINTS));
  const parts = [`M${round(x(sorted[0] ?? 0))} ${round(y(0))}`];
  for (let n = 0; n < sorted.length; n += step) {
    const last = Math.min(n + step, sorted.length) - 1;
    parts.push(`H${round(x(sorted[last] as number))}V${round(y((last + 1) / sorted.length))}`);
  }
  return `${parts.join("")}H${round(right)}`;
}

function whisker(
  { lowPs, highPs, share }: CdfInterval,
  series: number,
  x: (ps: number) => number,
  y: number,
): string {
  const [from, to] = [round(x(lowPs)), round(x(highPs))];
  const d = `M${from} ${round(y - 4)}v8M${from} ${round(y)}H${to}M${to} ${round(y - 4)}v8`;
  const words = `p${share * 100}: ${timeText(lowPs)} to ${timeText(highPs)}`;
  return svg(
    "path",
    { class: `whisker ${seriesClass(series)}`, d },
    svg("title", {}, escapeText(words)),
  );
}

/** Faster curves have their label further up. */
function medianShift(sorted: Float64Array): number {
  const median = sorted[Math.floor(sorted.length / 2)] ?? 1;
  return Math.log10(Math.max(1, median)) * 10 - 70;
}
