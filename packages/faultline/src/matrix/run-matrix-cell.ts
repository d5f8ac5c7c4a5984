// Runs a cell of the whole matrix and takes its numbers.
import { invariant } from "@faultline/core";
import { leastSamples, percentile, takeOne } from "@faultline/report";
import { loadScenario, runTimedScenario, type ScenarioPlan, timedPlan } from "@faultline/scenario";
import { ACTIVITY_NAMES, type FaultChunk } from "@faultline/sim";
import { referencedMachines } from "../machines/referenced-machines.ts";
import { matrixShape, type MatrixCell, measuredDevice } from "./matrix-cell.ts";
import { matrixScenario } from "./matrix-scenario.ts";

/** What a cell came to. */
export interface MatrixResult {
  /** `ok`, or why an access of the GPU ended otherwise, or why the cell cannot be. */
  readonly result: string;
  /** Faults of the GPU on the memory that is measured, and what it accessed there. */
  readonly nrFaults: number;
  readonly nrAccesses: number;
  /** Null where there are fewer faults than the percentile needs; `note` says so then. */
  readonly p50Ps: number | null;
  readonly p90Ps: number | null;
  readonly p99Ps: number | null;
  readonly maxPs: number | null;
  /** Of all its faults together, what one access has waited for; some fault more than once. */
  readonly perAccessPs: number | null;
  /** The stage or wait that most of the faults' time went to, and its share of 0 to 1. */
  readonly most: string | null;
  readonly mostShare: number | null;
  /** How often the noise happened. */
  readonly nrNoises: number;
  /** 0 to 1: what of the priced time of the run rests on assumed numbers. */
  readonly shareAssumed: number;
  readonly digest: string | null;
  readonly note: string | null;
}

/** A cell that cannot be. */
export function notDone(why: string): MatrixResult {
  return {
    result: "not done",
    nrFaults: 0,
    nrAccesses: 0,
    p50Ps: null,
    p90Ps: null,
    p99Ps: null,
    maxPs: null,
    perAccessPs: null,
    most: null,
    mostShare: null,
    nrNoises: 0,
    shareAssumed: 0,
    digest: null,
    note: why,
  };
}

/** Runs a cell; the same cell and seed give the same result. */
export function runMatrixCell(cell: MatrixCell, seed: number): MatrixResult {
  const { plan, diagnostics } = loadScenario(matrixScenario(cell), "<bench>", referencedMachines);
  invariant(plan !== null, `a cell is no scenario: ${diagnostics[0]?.message ?? ""}`);
  const planned = timedPlan(plan, { all: cell.profile, byDevice: new Map() });
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const faults = new MeasuredFaults(plan, names.indexOf(measuredDevice(cell)));
  const run = runTimedScenario(planned, { seed, sink: (chunk) => faults.add(chunk) });
  const { nrMappings, rounds } = matrixShape(cell);
  const touches = run.steps.filter(({ text }) => /: workload gpu\d m\d/.test(text));
  const nrAccesses = nrMappings * rounds;
  const sorted = faults.latenciesPs.toSorted((a, b) => a - b);
  const [most, mostShare] = faults.most();
  const failed = touches.find(({ result }) => result !== "ok")?.result;
  return {
    result: failed ?? run.stuck ?? "ok",
    nrFaults: sorted.length,
    nrAccesses,
    p50Ps: percentile(sorted, 50),
    p90Ps: percentile(sorted, 90),
    p99Ps: percentile(sorted, 99),
    maxPs: sorted.at(-1) ?? null,
    perAccessPs: sorted.length === 0 ? null : takeOne(sorted, "sum") / nrAccesses,
    most,
    mostShare,
    nrNoises: takeOne(
      run.steps.map(({ times }) => times ?? 0),
      "sum",
    ),
    shareAssumed: run.shareAssumed,
    digest: run.digest,
    note: noteOf(sorted.length, nrAccesses, failed),
  };
}

function noteOf(nrFaults: number, nrAccesses: number, failed: string | undefined): string | null {
  if (failed === "EAGAIN") return "EAGAIN: an access gave up after 64 faults";
  if (failed !== undefined) return `an access ended with ${failed}`;
  if (nrFaults === 0) return "no access faults: the device can use the memory at once";
  const few = `${nrFaults} of ${nrAccesses} accesses fault, the others find the page mapped`;
  if (nrFaults < leastSamples(50)) return `${few}: too few for a percentile`;
  if (nrFaults < leastSamples(99)) return `${few}: too few for a p99`;
  return nrFaults < nrAccesses ? few : null;
}

/** Faults of one device on the mappings that are measured. */
class MeasuredFaults {
  readonly latenciesPs: number[] = [];
  private readonly spentPs = new Float64Array(ACTIVITY_NAMES.length);
  private readonly ranges: readonly { readonly start: number; readonly end: number }[];
  private readonly device: number;

  constructor({ steps }: ScenarioPlan, device: number) {
    this.device = device;
    this.ranges = steps.flatMap(({ step, mapping }) => {
      if (step.do !== "mmap" || mapping === null || !mapping.name.startsWith("m")) return [];
      return [{ start: mapping.start, end: mapping.start + mapping.nrPages }];
    });
  }

  add(chunk: FaultChunk): void {
    for (let row = 0; row < chunk.nrRows; row++) {
      const page = chunk.page[row] as number;
      const isMeant = chunk.device[row] === this.device && this.isMeasured(page);
      if (!isMeant) continue;
      this.latenciesPs.push(chunk.latencyPs[row] as number);
      for (let rest = chunk.spentMask; rest !== 0; rest &= rest - 1) {
        const activity = 31 - Math.clz32(rest & -rest);
        const ps = chunk.spentPs[activity]?.[row] ?? 0;
        this.spentPs[activity] = (this.spentPs[activity] as number) + ps;
      }
    }
  }

  /** What most of the time went to, and its share. */
  most(): [string | null, number | null] {
    const total = takeOne([...this.spentPs], "sum");
    if (total === 0) return [null, null];
    const ps = Math.max(...this.spentPs);
    return [ACTIVITY_NAMES[this.spentPs.indexOf(ps)] ?? null, ps / total];
  }

  private isMeasured(page: number): boolean {
    return this.ranges.some(({ start, end }) => page >= start && page < end);
  }
}
