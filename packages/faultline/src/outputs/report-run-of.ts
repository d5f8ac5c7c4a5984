// A run of the command line as a report has it.
import { type FaultSummary, type NamedRun, type ReportRun } from "@faultline/report";
import type { ScenarioMachine } from "@faultline/scenario";
import type { RunRecord } from "@faultline/sim";
import type { TimedRun } from "../timed-run.ts";
import type { Uncertainty } from "../uncertainty/sample-runs.ts";

/** What was seen of a run while it lasted. */
export interface SeenRun {
  readonly run: NamedRun;
  readonly record: RunRecord;
  readonly summary: FaultSummary;
  readonly machine: ScenarioMachine;
}

/** @param source the scenario's text. @param uncertainty when somebody asked for it. */
export function reportRunOf(
  { result, kinds }: TimedRun,
  { run, record, summary, machine }: SeenRun,
  source: string | null,
  uncertainty: Uncertainty | null,
): ReportRun {
  const { title, kernel, devices, simulatedPs, nrFaults, shareAssumed, digest } = result;
  const { stuck, isPartial, isChecked, counters } = result;
  return {
    run,
    title,
    kernel,
    devices,
    passed: isChecked ? result.passed : null,
    ended: stuck ?? (isPartial ? "stopped: these are partial results" : null),
    steps: result.steps.map(({ index, mismatches, ...step }) => ({
      ...step,
      number: index + 1,
      mismatches: mismatches.map(({ what, expected, actual, by }) => {
        return `expected ${what} ${expected}, found ${actual}${by === undefined ? "" : `: ${by}`}`;
      }),
    })),
    // What is expected of the median of several runs is nothing that one of them has to keep.
    expectations: result.expectations
      .filter(({ over, isMet }) => over === "each" || isMet)
      .map(({ what, expected, found, isMet, by }) => ({ what, expected, found, isMet, by })),
    simulatedPs,
    nrFaults,
    shareAssumed,
    digest,
    counters,
    kinds,
    latenciesOf: (kind) => summary.latenciesOf(kind),
    record,
    machine: machine.system?.machine ?? null,
    source,
    uncertainty,
  };
}
