// One number of a run under a clock: what a target says it is.
import type { Measure } from "@faultline/profiles";
import { FaultTimes } from "@faultline/report";
import { runTimedScenario, type TimedPlan, type TimedScenarioResult } from "@faultline/scenario";

const PS_PER_S = 1e12;

/** A number of a run. */
export interface Measured {
  /** Picoseconds, a count, or amounts per second, as the measure has it; null when nothing ran. */
  readonly value: number | null;
  readonly result: TimedScenarioResult;
}

/** Runs a plan and takes the number. */
export function measureRun(planned: TimedPlan, measure: Measure): Measured {
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const device = "device" in measure ? measure.device : undefined;
  const stages = "stages" in measure ? measure.stages : undefined;
  const faults = new FaultTimes(device === undefined ? null : names.indexOf(device), stages);
  const result = runTimedScenario(planned, { sink: (chunk) => faults.add(chunk) });
  return { value: result.stuck === null ? numberOf(measure, result, faults) : null, result };
}

function numberOf(
  measure: Measure,
  { steps }: TimedScenarioResult,
  faults: FaultTimes,
): number | null {
  switch (measure.of) {
    case "time":
      return (steps[measure.step - 1]?.tookPs ?? 0) / measure.per;
    case "rate": {
      const tookPs = steps[measure.step - 1]?.tookPs ?? 0;
      return tookPs === 0 ? null : (measure.amount * PS_PER_S) / tookPs;
    }
    case "faults":
      return faults.times.length / measure.per;
    case "fault": {
      const ps = faults.at(measure.percentile ?? null);
      return ps === null ? null : ps / measure.per;
    }
  }
}
