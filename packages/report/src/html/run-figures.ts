// The figures of the runs of one scenario, each with a name that is good for a file.
import { ACTIVITY_NAMES, NR_STAGES } from "@faultline/sim";
import { drawChart } from "../chart/chart-frame.ts";
import { type CdfInterval, type CdfSeries, latencyCdf } from "../chart/latency-cdf.ts";
import { linkUtilisation, type WayUse } from "../chart/link-utilisation.ts";
import { placementTimeline, type PlaceUse } from "../chart/placement-timeline.ts";
import { stageWaterfall, type WaterfallSeries } from "../chart/stage-waterfall.ts";
import { placeName } from "../export/named-run.ts";
import type { FaultKind } from "../faults/fault-summary.ts";
import { drawMachine } from "../figure/draw-machine.ts";
import type { ReportRun } from "./report-run.ts";

/** What a figure is of; also its place in the report. */
export type FigureSubject = "latency" | "stages" | "placement" | "links" | "machine";

/** One figure. */
export interface RunFigure {
  /** Small letters, digits and dashes. */
  readonly name: string;
  readonly subject: FigureSubject;
  /** A whole SVG document. */
  readonly svg: string;
}

/** All figures of runs of one scenario, in the order of a report. */
export async function runFigures(runs: readonly ReportRun[]): Promise<RunFigure[]> {
  const machine = runs.find((one) => one.machine !== null)?.machine ?? null;
  return [
    ...latencyFigures(runs),
    ...stageFigures(runs),
    ...runs.flatMap(placementFigures),
    ...runs.flatMap(linkFigures),
    ...(machine === null
      ? []
      : [{ name: "machine", subject: "machine" as const, svg: await drawMachine(machine) }]),
  ];
}

/** Copies of a run by way, most bytes first. */
export function waysOf({ run, record }: ReportRun): WayUse[] {
  const { transfers } = record;
  const ways = new Map<string, { startsPs: number[]; endsPs: number[]; nrPages: number }>();
  for (let row = 0; row < transfers.nrRows; row++) {
    const from = placeName(run, transfers.at(row, "from"));
    const name = `${from} → ${placeName(run, transfers.at(row, "to"))}`;
    const way = ways.get(name) ?? { startsPs: [], endsPs: [], nrPages: 0 };
    ways.set(name, way);
    const startPs = transfers.at(row, "startPs");
    way.startsPs.push(startPs);
    way.endsPs.push(startPs + transfers.at(row, "durationPs"));
    way.nrPages += transfers.at(row, "nrPages");
  }
  return [...ways]
    .map(([name, { startsPs, endsPs, nrPages }]) => {
      return { name, startsPs, endsPs, bytes: nrPages * run.pageBytes };
    })
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

function latencyFigures(runs: readonly ReportRun[]): RunFigure[] {
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) {
    if (only.kinds.length === 0) return [];
    const series = only.kinds.map((kind, n) => cdfSeries(only, kind, kindLabel(kind), n));
    const chart = latencyCdf("Latency of faults", cdfNotes(runs), series);
    return [{ name: "latency", subject: "latency", svg: drawChart(chart) }];
  }
  return kindsOf(runs).map((kind) => {
    const series = runs.flatMap((one, n) => {
      const own = one.kinds.find((other) => isSame(other, kind));
      return own === undefined ? [] : [cdfSeries(one, own, one.run.profile, n)];
    });
    const chart = latencyCdf(`Latency of ${kindLabel(kind)} faults`, cdfNotes(runs), series);
    return { name: `latency-${slug(kindLabel(kind))}`, subject: "latency", svg: drawChart(chart) };
  });
}

function cdfSeries(one: ReportRun, kind: FaultKind, label: string, series: number): CdfSeries {
  const uncertain = one.uncertainty?.kinds.find((other) => isSame(other, kind));
  const intervals: CdfInterval[] =
    uncertain === undefined
      ? []
      : ([0.5, 0.9, 0.99] as const).map((share) => {
          const key = `p${share * 100}Ps` as "p50Ps" | "p90Ps" | "p99Ps";
          return { share, lowPs: uncertain[key].low, highPs: uncertain[key].high };
        });
  return { label, series, latenciesPs: one.latenciesOf(kind), intervals };
}

function cdfNotes(runs: readonly ReportRun[]): string[] {
  const [first] = runs;
  const nrSamples = first?.uncertainty?.nrSamples;
  return nrSamples === undefined
    ? [`simulated, seed ${first?.run.seed ?? 0}; prices at the middle of their ranges`]
    : [
        `simulated, seed ${first?.run.seed ?? 0}; curves at the middle of the prices' ranges,`,
        `whiskers at p50, p90 and p99: 90 % of ${nrSamples} samples of the prices`,
      ];
}

function stageFigures(runs: readonly ReportRun[]): RunFigure[] {
  return kindsOf(runs).map((kind, k) => {
    const series = runs.flatMap((one, n): WaterfallSeries[] => {
      const own = one.kinds.find((other) => isSame(other, kind));
      const number = runs.length === 1 ? k : n;
      return own === undefined ? [] : [waterfallSeries(one, own, number)];
    });
    const nrFaults = series.reduce((sum, one) => sum + one.nrFaults, 0);
    const title = `Where the time of ${kindLabel(kind)} faults went`;
    const of = runs.length === 1 ? `mean of ${nrFaults} faults` : "mean of each run's faults";
    const notes = [`${of}; stages first, then waits (pale), each after the one above`];
    const svg = drawChart(stageWaterfall(title, notes, series));
    return { name: `stages-${slug(kindLabel(kind))}`, subject: "stages", svg };
  });
}

function waterfallSeries(one: ReportRun, kind: FaultKind, series: number): WaterfallSeries {
  const parts = ACTIVITY_NAMES.flatMap((name, activity) => {
    const share = kind.shares[name] ?? 0;
    return share === 0
      ? []
      : [{ name, isWait: activity >= NR_STAGES, meanPs: share * kind.meanPs }];
  });
  return { label: one.run.profile, series, nrFaults: kind.nrFaults, parts };
}

function placementFigures(one: ReportRun): RunFigure[] {
  const { run, record, simulatedPs } = one;
  const { usage } = record;
  const places = new Map<number, { timesPs: number[]; bytes: number[] }>();
  for (let row = 0; row < usage.nrRows; row++) {
    const number = usage.at(row, "place");
    const place = places.get(number) ?? { timesPs: [], bytes: [] };
    places.set(number, place);
    place.timesPs.push(usage.at(row, "timePs"));
    place.bytes.push(usage.at(row, "nrPages") * run.pageBytes);
  }
  const all: PlaceUse[] = [...places]
    .sort(([a], [b]) => a - b)
    .map(([number, use]) => ({ name: placeName(run, number), ...use }));
  if (all.length === 0 || simulatedPs === 0) return [];
  const title = `Where pages were, ${run.profile}`;
  const notes = ["folios of processes and files; while a page is copied it is in both places"];
  const chart = placementTimeline(title, notes, all, simulatedPs, marksOf(one));
  return [{ name: `placement-${slug(run.profile)}`, subject: "placement", svg: drawChart(chart) }];
}

function linkFigures(one: ReportRun): RunFigure[] {
  const { run, simulatedPs } = one;
  const ways = waysOf(one);
  if (ways.length === 0 || simulatedPs === 0) return [];
  const title = `How busy the ways between memories were, ${run.profile}`;
  const notes = ["share of time with a copy under way, each at the length that it has alone"];
  const chart = linkUtilisation(title, notes, ways, simulatedPs, marksOf(one));
  return [{ name: `links-${slug(run.profile)}`, subject: "links", svg: drawChart(chart) }];
}

function marksOf({ steps }: ReportRun): { number: number; beganPs: number; text: string }[] {
  return steps
    .map(({ number, beganPs, text }) => ({ number, beganPs, text }))
    .sort((a, b) => a.beganPs - b.beganPs || a.number - b.number);
}

/** Kinds that any of the runs has, in the order of their first. */
function kindsOf(runs: readonly ReportRun[]): FaultKind[] {
  const kinds: FaultKind[] = [];
  for (const kind of runs.flatMap((one) => one.kinds)) {
    if (!kinds.some((known) => isSame(known, kind))) kinds.push(kind);
  }
  return kinds;
}

type KindName = Pick<FaultKind, "device" | "access">;

function isSame(a: KindName, b: KindName): boolean {
  return a.device === b.device && a.access === b.access;
}

/** `gpu0 read`. */
export function kindLabel({ device, access }: KindName): string {
  return `${device} ${access}`;
}

/** A name with small letters, digits and dashes only. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
