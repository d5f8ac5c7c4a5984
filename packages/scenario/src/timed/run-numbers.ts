// The numbers of a run that its expectations are about, taken while it goes on.
import type { FaultChunk } from "@faultline/sim";
import { leavesOf } from "../expect/measure-text.ts";
import type { PlannedExpectation, PlannedStep } from "../plan.ts";
import type { LeafMeasure } from "../schema/expectation-schema.ts";
import { FaultSamples, type StepWindow } from "./fault-samples.ts";

/** What is known when a run is over. */
export interface RunEnd {
  readonly windows: ReadonlyMap<number, StepWindow>;
  readonly simulatedPs: number;
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly vmstat: Readonly<Record<string, number>>;
}

/** Takes the numbers of one run. */
export class RunNumbers {
  private readonly samples = new Map<LeafMeasure, FaultSamples>();
  private readonly expectations: readonly PlannedExpectation[];

  constructor(
    expectations: readonly PlannedExpectation[],
    steps: readonly PlannedStep[],
    deviceNames: readonly string[],
  ) {
    this.expectations = expectations;
    for (const measure of expectations.flatMap(({ expectation }) => leavesOf(expectation))) {
      if (measure.of !== "fault" && measure.of !== "faults") continue;
      const step = steps.find(({ index }) => index + 1 === measure.step) ?? null;
      this.samples.set(measure, new FaultSamples(measure, step, deviceNames));
    }
  }

  /** Takes a chunk of records. */
  add(chunk: FaultChunk): void {
    for (const samples of this.samples.values()) samples.add(chunk);
  }

  /** The number of each expectation in their order; null where the run has none. */
  values(end: RunEnd): (number | null)[] {
    return this.expectations.map(({ expectation }) => {
      const [first, second] = leavesOf(expectation).map((leaf) => this.leaf(leaf, end));
      if (expectation.of !== "ratio") return first ?? null;
      if (first === undefined || first === null) return null;
      return second === undefined || second === null || second === 0 ? null : first / second;
    });
  }

  private leaf(measure: LeafMeasure, end: RunEnd): number | null {
    switch (measure.of) {
      case "fault":
      case "faults":
        return this.samples.get(measure)?.value(end.windows) ?? null;
      case "time": {
        if (measure.step === "run") return end.simulatedPs;
        const window = end.windows.get(measure.step - 1);
        return window === undefined ? null : window.endPs - window.beganPs;
      }
      case "counter":
        return end.counters[measure.device]?.[measure.name] ?? 0;
      case "vmstat":
        return end.vmstat[measure.name] ?? 0;
    }
  }
}
