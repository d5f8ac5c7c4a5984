// `runScenario()`: a scenario from its text to its results, in one call.
import type { Diagnostic } from "@faultline/diagnostics";
import {
  type ProfileChoice,
  runUntimedScenario,
  type ScenarioMachine,
  type ScenarioPlan,
  type ScenarioResult,
  timedPlan,
} from "@faultline/scenario";
import { type Measured, type MeasuredRun, measuredRun } from "./measured-run.ts";
import type { RunColumns } from "./run-columns.ts";
import {
  checkedScenario,
  chosenProfiles,
  type ProfileName,
  type ScenarioOptions,
  type ScenarioSource,
} from "./scenario-options.ts";

/** How `runScenario` runs. */
export interface RunScenarioOptions extends ScenarioOptions {
  /**
   * Runs under a clock: a profile for every device, or one for each by its name.
   * @defaultValue the scenario's own; without any there is no clock
   */
  readonly profile?: ProfileName | Readonly<Record<string, ProfileName>>;
  /** Collects what happens under a clock; one may collect several runs. */
  readonly columns?: RunColumns;
  /** Looks at the machine when everything is over. */
  readonly atEnd?: (machine: ScenarioMachine) => void;
}

/** A scenario that ran without a clock. */
export interface RunWithoutClock {
  readonly hasClock: false;
  /** Whether everything was as the scenario expects. */
  readonly passed: boolean;
  /** Step by step: what happened to which page and why, and what a kernel would spend. */
  readonly result: ScenarioResult;
  readonly warnings: readonly Diagnostic[];
}

/** A scenario that ran under a clock. */
export interface RunWithClock extends Measured {
  readonly hasClock: true;
  readonly passed: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** A scenario after it ran; `hasClock` tells which of the two it is. */
export type ScenarioRun = RunWithoutClock | RunWithClock;

/**
 * Runs a scenario. The same text and options give the same result, on every machine.
 * @throws InputError with every problem of the text, of files that it names, and of the options.
 */
export function runScenario(
  source: ScenarioSource,
  options: RunScenarioOptions & Required<Pick<RunScenarioOptions, "profile">>,
): RunWithClock;
export function runScenario(source: ScenarioSource, options?: RunScenarioOptions): ScenarioRun;
export function runScenario(source: ScenarioSource, options: RunScenarioOptions = {}): ScenarioRun {
  const { plan, warnings } = checkedScenario(source, options);
  const choice = chosenProfiles(plan, options.profile);
  if (choice !== null) return { ...runWithClock(plan, choice, options), warnings };
  const { atEnd } = options;
  const result = runUntimedScenario(plan, atEnd === undefined ? {} : { atEnd });
  return { hasClock: false, passed: result.passed, result, warnings };
}

/** Runs a checked plan at the prices of profiles. */
export function runWithClock(
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { columns, atEnd }: Pick<RunScenarioOptions, "columns" | "atEnd">,
): Omit<RunWithClock, "warnings"> {
  const measured = measuredRun(timedPlan(plan, choice), {
    observe: (named) => columns?.begin(named),
    atEnd,
  });
  measured.run.advance();
  return endedRun(measured, columns);
}

/** What a run came to, and its rows in the columns. */
function endedRun(
  measured: MeasuredRun,
  columns: RunColumns | undefined,
): Omit<RunWithClock, "warnings"> {
  const done = measured.measure();
  const record = measured.observer?.record;
  if (record !== undefined) columns?.end(measured.named, record);
  return { ...done, hasClock: true, passed: done.result.passed };
}
