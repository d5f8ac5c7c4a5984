// A scenario with `repetitions` beside others: one run whose numbers are the medians of them all.
import { type FaultKind, takeOne } from "@faultline/report";
import { kindsTogether } from "../fault-kind-name.ts";
import type { Measured } from "./measured-run.ts";

/**
 * The first run, with the medians of all runs in place of its times and numbers of faults. What
 * stages and waits have of the time is that of all faults of all runs; counters, bytes and the
 * digest stay those of the first.
 * @param runs at least one.
 */
export function medianRun<Run extends Measured>(runs: readonly [Run, ...Run[]]): Run {
  const [first] = runs;
  if (runs.length === 1) return first;
  const results = runs.map(({ result }) => result);
  const simulatedPs = median(results.map((result) => result.simulatedPs));
  const nrFaults = median(results.map((result) => result.nrFaults));
  const kinds = kindsTogether(runs).map(medianKind);
  return { ...first, result: { ...first.result, simulatedPs, nrFaults }, kinds };
}

function medianKind(ones: readonly [FaultKind, ...FaultKind[]]): FaultKind {
  const [{ device, access }] = ones;
  const of = (key: "nrFaults" | "p50Ps" | "p90Ps" | "p99Ps" | "maxPs" | "meanPs"): number =>
    median(ones.map((one) => one[key]));
  return {
    device,
    access,
    nrFaults: of("nrFaults"),
    p50Ps: of("p50Ps"),
    p90Ps: of("p90Ps"),
    p99Ps: of("p99Ps"),
    maxPs: of("maxPs"),
    meanPs: of("meanPs"),
    shares: pooledShares(ones),
  };
}

/** What each activity has of the time of all faults together. */
function pooledShares(ones: readonly FaultKind[]): Record<string, number> {
  const spent = new Map<string, number>();
  let total = 0;
  for (const { shares, nrFaults, meanPs } of ones) {
    const ps = nrFaults * meanPs;
    total += ps;
    for (const [name, share] of Object.entries(shares)) {
      spent.set(name, (spent.get(name) ?? 0) + share * ps);
    }
  }
  return Object.fromEntries([...spent].map(([name, ps]) => [name, total === 0 ? 0 : ps / total]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(takeOne(sorted, 50));
}
