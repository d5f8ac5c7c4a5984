// The number that a measure asks for, from the runs of a target; null where a run has nothing of
// it.
import { type LeafMeasure, type Measure, quantityOf } from "@faultline/profiles";
import { type FaultLog, takeOne } from "@faultline/report";
import type { TimedScenarioResult } from "@faultline/scenario";

/** A run of a target after it ran. */
export interface FinishedRun {
  readonly name: string;
  readonly result: TimedScenarioResult;
  readonly faults: FaultLog;
}

/** A measure in picoseconds and bytes; it has been checked against the runs. */
export function evaluateMeasure(
  measure: Measure,
  runs: readonly FinishedRun[],
  from?: string,
): number | null {
  if (measure.of === "number") return measure.value * quantityOf(measure.unit).value;
  const name = measure.in ?? from;
  if ("parts" in measure) {
    const parts = measure.parts.map((part) => evaluateMeasure(part, runs, name));
    const known = parts.filter((part) => part !== null);
    if (known.length < parts.length) return null;
    const joined = join(measure.of, known);
    return joined === null ? null : joined / measure.per;
  }
  const run = runNamed(runs, name);
  const value = run === undefined ? null : ofRun(measure, run);
  return value === null || !("per" in measure) ? value : value / measure.per;
}

/** The run that a measure is of; a target's only run needs no name. */
export function runNamed<Run extends { readonly name: string }>(
  runs: readonly Run[],
  name: string | undefined,
): Run | undefined {
  return runs.length === 1 ? runs[0] : runs.find((one) => one.name === name);
}

function join(
  of: "ratio" | "difference" | "sum" | "product",
  parts: readonly number[],
): number | null {
  const [first = 0, second = 0] = parts;
  switch (of) {
    case "ratio":
      return second === 0 ? null : first / second;
    case "difference":
      return first - second;
    case "sum":
      return parts.reduce((a, b) => a + b, 0);
    case "product":
      return parts.reduce((a, b) => a * b, 1);
  }
}

function ofRun(measure: LeafMeasure, { result, faults }: FinishedRun): number | null {
  switch (measure.of) {
    case "time":
      return timeOf(measure.step, result);
    case "rate": {
      const ps = timeOf(measure.step, result);
      return ps === null || ps === 0 ? null : measure.amount / ps;
    }
    case "faults":
      return faults.latenciesPs(measure).length;
    case "fault": {
      const all = faults.latenciesPs(measure);
      const { percentile, take = "mean" } = measure;
      return all.length === 0 ? null : takeOne(all, percentile ?? take);
    }
    case "counter":
      return result.counters[measure.device]?.[measure.name] ?? 0;
    case "number":
      return measure.value;
  }
}

/** What steps took together; null where one of them did not end. */
function timeOf(
  step: number | "run" | readonly number[],
  { steps, simulatedPs }: TimedScenarioResult,
): number | null {
  if (step === "run") return simulatedPs;
  const took = [step].flat().map((number) => {
    return steps.find(({ index }) => index === number - 1)?.tookPs;
  });
  const known = took.filter((ps) => ps !== undefined);
  return known.length < took.length ? null : known.reduce((sum, ps) => sum + ps, 0);
}
