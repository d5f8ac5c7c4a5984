// Runs of one scenario at the prices of several profiles, side by side; ratios are to the first.
import type { FaultKind } from "@faultline/report";
import type { ResultStyle } from "@faultline/scenario";
import { ACTIVITY_NAMES, formatPs } from "@faultline/sim";
import { plainTable } from "./plain-table.ts";
import type { TimedRun } from "./timed-run.ts";
import { kindName, shareText } from "./timed-text.ts";

/** The comparison as text; every run is of the same scenario. */
export function comparisonText(runs: readonly TimedRun[], style: ResultStyle): string {
  const [first] = runs;
  if (first === undefined) return "";
  const { title, file, kernel, seed } = first.result;
  return [
    style.strong(title),
    style.dim(`${file}, kernel ${kernel}, seed ${seed}`),
    "",
    runTable(runs, first),
    faultTable(runs, first),
    shareTable(runs),
  ].join("\n");
}

/** The comparison as data. */
export function comparisonJson(runs: readonly TimedRun[]): object {
  const [first] = runs;
  return {
    file: first?.result.file,
    title: first?.result.title,
    runs: runs.map(({ result, kinds }) => ({
      profile: result.cpuProfile,
      devices: result.devices,
      simulatedPs: result.simulatedPs,
      ratio: ratioOf(result.simulatedPs, first?.result.simulatedPs),
      nrFaults: result.nrFaults,
      shareAssumed: result.shareAssumed,
      digest: result.digest,
      faults: kinds.map((kind) => ({ ...kind, ratio: ratioOf(kind.p50Ps, p50Of(first, kind)) })),
    })),
  };
}

function runTable(runs: readonly TimedRun[], first: TimedRun): string {
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

function faultTable(runs: readonly TimedRun[], first: TimedRun): string {
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

function shareTable(runs: readonly TimedRun[]): string {
  const all = byKind(runs);
  const names = ACTIVITY_NAMES.filter((name) => all.some(([, , { shares }]) => name in shares));
  const rows = all.map(([name, profile, { shares }]) => {
    return [name, profile, ...names.map((activity) => shareText(shares[activity]))];
  });
  const head = ["% of time", "profile", ...names];
  return plainTable(head, rows, ["left", "left", ...names.map(() => "right" as const)]);
}

/** Every kind of fault of any run, with the runs that have it. */
function byKind(runs: readonly TimedRun[]): [string, string, FaultKind][] {
  const names = new Set(runs.flatMap(({ kinds }) => kinds.map(kindName)));
  return [...names].flatMap((name) =>
    runs.flatMap(({ result, kinds }): [string, string, FaultKind][] => {
      const kind = kinds.find((one) => kindName(one) === name);
      return kind === undefined ? [] : [[name, result.cpuProfile, kind]];
    }),
  );
}

function p50Of(run: TimedRun | undefined, kind: FaultKind): number | undefined {
  return run?.kinds.find((one) => kindName(one) === kindName(kind))?.p50Ps;
}

/** Null where the first has nothing to compare with. */
function ratioOf(value: number, first: number | undefined): number | null {
  return first === undefined || first === 0 ? null : value / first;
}

function ratioText(value: number, first: number | undefined): string {
  return ratioOf(value, first)?.toFixed(2) ?? "";
}
