// Runs of one scenario at the prices of several profiles, side by side; ratios are to the first.
import type { FaultKind } from "@faultline/report";
import type { ResultStyle } from "@faultline/scenario";
import { ACTIVITY_NAMES, formatPs } from "@faultline/sim";
import { counterTable, movedTable, resultTable, vmstatTables } from "./comparison-counts.ts";
import { isSameKind, kindName } from "./fault-kind-name.ts";
import { plainTable } from "./plain-table.ts";
import { ratioOf } from "./ratio-of.ts";
import type { TimedRun } from "./timed-run.ts";
import { PERCENTILES, type SampledRuns } from "./uncertainty/sample-runs.ts";
import { type SampledRatio, sampledRatios } from "./uncertainty/sampled-ratios.ts";
import { intervalText } from "./uncertainty/uncertainty-text.ts";
import { shareText } from "./timed-text.ts";

/**
 * A run, and where uncertainty is asked for the same at drawn prices. Of a scenario with
 * `repetitions` the numbers are medians over all of them.
 */
export interface ComparedRun extends TimedRun {
  readonly sampled?: SampledRuns;
  /** More than one, in the order of their seeds, which are the same for every profile. */
  readonly repeated?: SampledRuns;
}

/**
 * The comparison as text; every run is of the same scenario.
 * @param hasVmstat whether what the kernel has counted is shown, too.
 */
export function comparisonText(
  runs: readonly ComparedRun[],
  style: ResultStyle,
  hasVmstat = true,
): string {
  const [first] = runs;
  if (first === undefined) return "";
  const { title, file, kernel, seed } = first.result;
  return [
    style.strong(title),
    style.dim(`${file}, kernel ${kernel}, seed ${seed}`),
    ...repetitionsLine(first).map((line) => style.dim(line)),
    "",
    runTable(runs, first),
    ...sameLine(runs).map((line) => `${style.dim(line)}\n`),
    ...resultTable(runs),
    faultTable(runs, first),
    shareTable(runs),
    ...counterTable(runs),
    ...movedTable(runs),
    ...(hasVmstat ? vmstatTables(runs) : []),
    ...intervalTables(OF_REPETITIONS, runs),
    ...intervalTables(OF_SAMPLES, runs),
    ...(runs.some(({ result }) => result.isPartial)
      ? [style.bad("stopped: the last run is partial, and others are missing\n")]
      : []),
  ].join("\n");
}

/** The comparison as data. */
export function comparisonJson(runs: readonly ComparedRun[]): object {
  const [first] = runs;
  return {
    file: first?.result.file,
    title: first?.result.title,
    runs: runs.map(({ result, kinds, moved, sampled, repeated }) => ({
      profile: result.cpuProfile,
      devices: result.devices,
      simulatedPs: result.simulatedPs,
      results: result.steps.map((step) => step.result),
      ratio: ratioOf(result.simulatedPs, first?.result.simulatedPs),
      nrFaults: result.nrFaults,
      shareAssumed: result.shareAssumed,
      counters: result.counters,
      vmstat: result.vmstat,
      moved,
      digest: result.digest,
      isPartial: result.isPartial,
      faults: kinds.map((kind) => ({ ...kind, ratio: ratioOf(kind.p50Ps, p50Of(first, kind)) })),
      ...(sampled === undefined || first === undefined
        ? {}
        : { uncertainty: sampled.uncertainty, ratios: sampledRatios(sampled, first.sampled) }),
      ...(repeated === undefined || first === undefined
        ? {}
        : { repetitions: repetitionsJson(repeated, first.repeated) }),
    })),
  };
}

/** Every repetition, the interval of each number, and the ratios to the first profile's. */
function repetitionsJson(repeated: SampledRuns, first: SampledRuns | undefined): object {
  return {
    runs: repeated.runs.map(({ result: { seed, simulatedPs, nrFaults, digest }, kinds }) => {
      return { seed, simulatedPs, nrFaults, digest, faults: kinds };
    }),
    intervals: repeated.uncertainty,
    ratios: sampledRatios(repeated, first),
  };
}

function runTable(runs: readonly ComparedRun[], first: ComparedRun): string {
  const rows = runs.map(({ result }) => [
    result.cpuProfile,
    driversText(result.devices),
    formatPs(result.simulatedPs),
    ratioText(result.simulatedPs, first.result.simulatedPs),
    result.nrFaults,
    shareText(result.shareAssumed),
    result.digest,
  ]);
  const head = ["profile", "drivers", "simulated", "ratio", "faults", "assumed %", "digest"];
  return plainTable(head, rows, ["left", "left", "right", "right", "right", "right", "left"]);
}

function driversText(devices: readonly { readonly driver: string }[]): string {
  return [...new Set(devices.map(({ driver }) => driver))].join(" ");
}

function faultTable(runs: readonly ComparedRun[], first: ComparedRun): string {
  const rows = byKind(runs).map(([name, profile, kind]) => [
    name,
    profile,
    kind.nrFaults,
    ...[kind.p50Ps, kind.p90Ps, kind.p99Ps, kind.maxPs].map(formatPs),
    ratioText(kind.p50Ps, p50Of(first, kind)),
  ]);
  const head = ["faults", "profile", "count", "p50", "p90", "p99", "max", "ratio of p50"];
  return plainTable(head, rows, ["left", "left", ...head.slice(2).map(() => "right" as const)]);
}

/** Why every row is alike; nothing where they are not. */
function sameLine(runs: readonly ComparedRun[]): string[] {
  const [first] = runs;
  const isAlike = runs.every(({ result }) => result.digest === first?.result.digest);
  if (first === undefined || runs.length === 1 || !isAlike) return [];
  const isOfDevices = first.kinds.some(({ device }) => device !== "cpu");
  const why = isOfDevices ? "" : ": no device faults, and the prices of CPUs are alike";
  return [`the same with every profile${why}`];
}

/** How often it ran; nothing for once. */
function repetitionsLine({ repeated }: ComparedRun): string[] {
  if (repeated === undefined) return [];
  const seeds = repeated.runs.map(({ result }) => result.seed).join(", ");
  const text = "counters, bytes and digests are those of the first";
  return [`medians of ${repeated.runs.length} repetitions, seeds ${seeds}; ${text}`];
}

/** Where intervals come from, and what to say of a ratio whose interval holds 1. */
interface IntervalSource {
  readonly head: string;
  readonly note: string;
  readonly ofRun: (run: ComparedRun) => SampledRuns | undefined;
}

const OF_REPETITIONS: IntervalSource = {
  head: "90 % of the repetitions",
  note: "within the spread",
  ofRun: ({ repeated }) => repeated,
};

const OF_SAMPLES: IntervalSource = {
  head: "90 % of the samples",
  note: "within uncertainty",
  ofRun: ({ sampled }) => sampled,
};

/** Intervals of the percentiles, and of the ratios to the first run; empty where there are none. */
function intervalTables(source: IntervalSource, runs: readonly ComparedRun[]): string[] {
  const { ofRun } = source;
  const first = runs[0] === undefined ? undefined : ofRun(runs[0]);
  const rows = byKind(runs).flatMap(([name, profile, kind, run]) => {
    const sampled = ofRun(run);
    const found = sampled?.uncertainty.kinds.find((one) => isSameKind(one, kind));
    if (sampled === undefined || found === undefined) return [];
    const ratio = sampledRatios(sampled, first).find((one) => isSameKind(one, kind));
    const note = ratio === undefined || sampled === first ? "" : ratioNote(ratio, source.note);
    return [[name, profile, ...PERCENTILES.map((key) => intervalText(found[key])), note]];
  });
  if (rows.length === 0) return [];
  const head = [source.head, "profile", "p50", "p90", "p99", "max", "ratio of p50"];
  const aligns = head.map((_, at) => (at < 2 ? ("left" as const) : ("right" as const)));
  return [plainTable(head, rows, aligns)];
}

function ratioNote({ low, high, isWithinUncertainty }: SampledRatio, note: string): string {
  if (low === 1 && high === 1) return "the same";
  const text = `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return isWithinUncertainty ? `${text}, ${note}` : text;
}

function shareTable(runs: readonly ComparedRun[]): string {
  const all = byKind(runs);
  const names = ACTIVITY_NAMES.filter((name) => all.some(([, , { shares }]) => name in shares));
  const rows = all.map(([name, profile, { shares }]) => {
    return [name, profile, ...names.map((activity) => shareText(shares[activity]))];
  });
  const head = ["% of time", "profile", ...names];
  return plainTable(head, rows, ["left", "left", ...names.map(() => "right" as const)]);
}

/** Every kind of fault of any run, with the runs that have it. */
function byKind(runs: readonly ComparedRun[]): [string, string, FaultKind, ComparedRun][] {
  const names = new Set(runs.flatMap(({ kinds }) => kinds.map(kindName)));
  return [...names].flatMap((name) =>
    runs.flatMap((run): [string, string, FaultKind, ComparedRun][] => {
      const kind = run.kinds.find((one) => kindName(one) === name);
      return kind === undefined ? [] : [[name, run.result.cpuProfile, kind, run]];
    }),
  );
}

function p50Of(run: TimedRun | undefined, kind: FaultKind): number | undefined {
  return run?.kinds.find((one) => isSameKind(one, kind))?.p50Ps;
}

function ratioText(value: number, first: number | undefined): string {
  return ratioOf(value, first)?.toFixed(2) ?? "";
}
