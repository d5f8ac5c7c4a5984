// Runs a cell of the vendor benchmark and takes its numbers.
import { invariant } from "@faultline/core";
import { FaultSummary, takeOne } from "@faultline/report";
import { loadScenario, runTimedScenario, timedPlan } from "@faultline/scenario";
import { BENCH_DEVICE, type BenchCell, benchScenario, nrAccessesOf } from "./bench-cell.ts";

/** What a cell came to. */
export interface CellResult {
  /** `ok`, or why the program of the GPU ended before it was done. */
  readonly result: string;
  /** Write faults of the GPU. */
  readonly nrFaults: number;
  readonly p50Ps: number;
  readonly p99Ps: number;
  /** What the GPU's program took, its accesses and what it computes between them. */
  readonly programPs: number;
  readonly nrAccesses: number;
  /** The stage or wait that most of the faults' time went to, and its share of 0 to 1. */
  readonly most: string;
  readonly mostShare: number;
  /** 0 to 1: what of the priced time of the run rests on assumed numbers. */
  readonly shareAssumed: number;
  /** How often the noise happened. */
  readonly nrNoises: number;
  readonly digest: string;
}

/** Runs a cell; the same cell and seed give the same result. */
export function runBenchCell(cell: BenchCell, seed: number): CellResult {
  const { plan, diagnostics } = loadScenario(benchScenario(cell), "<bench>");
  invariant(plan !== null, `a cell is no scenario: ${diagnostics[0]?.message ?? ""}`);
  const planned = timedPlan(plan, { all: cell.profile, byDevice: new Map() });
  const summary = new FaultSummary(() => BENCH_DEVICE);
  const run = runTimedScenario(planned, { seed, sink: (chunk) => summary.add(chunk) });
  const program = run.steps.filter(({ text }) => text.includes(": workload "));
  const kind = summary
    .kindsOfFaults()
    .find(({ device, access }) => device === BENCH_DEVICE && access === "write");
  const shares = Object.entries(kind?.shares ?? {}).toSorted(([, a], [, b]) => b - a);
  const [most = "", mostShare = 0] = shares[0] ?? [];
  return {
    result: program.find(({ result }) => result !== "ok")?.result ?? run.stuck ?? "ok",
    nrFaults: kind?.nrFaults ?? 0,
    p50Ps: kind?.p50Ps ?? 0,
    p99Ps: kind?.p99Ps ?? 0,
    programPs: takeOne(
      program.map(({ tookPs }) => tookPs),
      "sum",
    ),
    nrAccesses: nrAccessesOf(cell),
    most,
    mostShare,
    shareAssumed: run.shareAssumed,
    nrNoises: run.steps.find(({ times }) => times !== undefined)?.times ?? 0,
    digest: run.digest,
  };
}
