// The latencies that expectations ask for, kept while a run goes on: those faults only that may be
// meant. Which of them lie in a step is known when it is over.
import { ACCESS_NAMES, ACTIVITY_NAMES, CPU_DEVICE, type FaultChunk } from "@faultline/sim";
import { quantileSorted, sum } from "d3-array";
import type { LeafMeasure } from "../schema/expectation-schema.ts";
import type { PlannedStep } from "../plan.ts";

/** A measure of faults. */
export type FaultMeasure = Extract<LeafMeasure, { of: "fault" | "faults" }>;

/** When a step went on, and who it was. */
export interface StepWindow {
  readonly beganPs: number;
  readonly endPs: number;
  /** Null where the process had gone. */
  readonly pid: number | null;
}

interface Sample {
  readonly timePs: number;
  readonly pid: number;
  readonly ps: number;
}

/** What one measure takes of a run. */
export class FaultSamples {
  private readonly samples: Sample[] = [];
  private readonly measure: FaultMeasure;
  private readonly isWho: (device: number) => boolean;
  private readonly step: PlannedStep | null;
  private readonly activities: readonly number[] | null;

  /** @param step the one that the measure names; null for none. */
  constructor(measure: FaultMeasure, step: PlannedStep | null, deviceNames: readonly string[]) {
    this.measure = measure;
    this.step = step;
    this.isWho = whoIsMeant(measure, step, deviceNames);
    const stages = measure.of === "fault" ? measure.stages : undefined;
    this.activities = stages?.map((name) => ACTIVITY_NAMES.indexOf(name)) ?? null;
  }

  /** Takes what may be meant of a chunk. */
  add(chunk: FaultChunk): void {
    const { access } = this.measure;
    const wanted = access === undefined ? -1 : ACCESS_NAMES.indexOf(access);
    for (let row = 0; row < chunk.nrRows; row++) {
      if (!this.isWho(chunk.device[row] ?? 0)) continue;
      if (wanted >= 0 && chunk.access[row] !== wanted) continue;
      if (!this.isInPages(chunk.page[row] ?? 0)) continue;
      this.samples.push({
        timePs: chunk.timePs[row] ?? 0,
        pid: chunk.process[row] ?? 0,
        ps: this.spentPs(chunk, row),
      });
    }
  }

  /** The number, when the run is over; null where there is no fault to take it from. */
  value(windows: ReadonlyMap<number, StepWindow>): number | null {
    const { measure, samples, step } = this;
    const window = step === null ? undefined : windows.get(step.index);
    if (step !== null && window === undefined) return null;
    const meant = window === undefined ? samples : samples.filter((one) => isIn(one, window));
    if (measure.of === "faults") return meant.length;
    const sorted = meant.map(({ ps }) => ps).sort((a, b) => a - b);
    const { percentile, take = "mean" } = measure;
    if (sorted.length === 0) return null;
    return percentile === undefined
      ? takenOf(sorted, take)
      : (quantileSorted(sorted, percentile / 100) ?? null);
  }

  private isInPages(page: number): boolean {
    const { step } = this;
    if (step === null || step.mapping === null) return true;
    return page >= step.start && page < step.start + step.nrPages;
  }

  private spentPs(chunk: FaultChunk, row: number): number {
    if (this.activities === null) return chunk.latencyPs[row] ?? 0;
    return sum(this.activities, (activity) => chunk.spentPs[activity]?.[row] ?? 0);
  }
}

function isIn({ timePs, pid }: Sample, window: StepWindow): boolean {
  if (window.pid !== null && window.pid !== pid) return false;
  return timePs >= window.beganPs && timePs <= window.endPs;
}

function takenOf(sorted: readonly number[], take: "mean" | "min" | "max" | "sum"): number | null {
  switch (take) {
    case "mean":
      return Math.round(sum(sorted) / sorted.length);
    case "sum":
      return sum(sorted);
    case "min":
      return sorted[0] ?? null;
    case "max":
      return sorted.at(-1) ?? null;
  }
}

/** Who is named; else who touches pages in the step; else every device. */
function whoIsMeant(
  { device }: FaultMeasure,
  step: PlannedStep | null,
  deviceNames: readonly string[],
): (device: number) => boolean {
  const numberOf = (name: string): number => {
    return name === "cpu" ? CPU_DEVICE : deviceNames.indexOf(name);
  };
  if (device !== undefined) {
    const wanted = numberOf(device);
    return (number) => number === wanted;
  }
  if (step === null) return (number) => number !== CPU_DEVICE;
  const members = new Set(whoTouches(step).map(numberOf));
  return (number) => members.has(number);
}

function whoTouches({ step }: PlannedStep): readonly string[] {
  if (step.do === "exchange") return step.members;
  if (step.do === "check" || !("device" in step) || step.device === undefined) return ["cpu"];
  return [step.device];
}
