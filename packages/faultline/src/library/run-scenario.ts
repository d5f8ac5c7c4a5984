// `runScenario()`: a scenario from its text to its results, in one call.
import type { Diagnostic } from "@faultline/diagnostics";
import {
  DEFAULT_SEED,
  type ExpectationReport,
  type ProfileChoice,
  repeatedResult,
  repetitionSeed,
  runUntimedScenario,
  type ScenarioMachine,
  type ScenarioPlan,
  type ScenarioResult,
  timedPlan,
} from "@faultline/scenario";
import { type Instant, instantPs } from "./instant.ts";
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
  /**
   * Under a clock: the instant at which the run stops, in picoseconds or as `3us`; what is due at
   * it still happens, and the result is partial unless the run was over. @defaultValue its end
   */
  readonly until?: Instant;
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

/** A scenario that ran under a clock; of one with `repetitions`, the first of its runs. */
export interface RunWithClock extends Measured {
  readonly hasClock: true;
  /** Whether everything was as the scenario expects, in all of its runs. */
  readonly passed: boolean;
  /** What it expects of its runs, over all of them. */
  readonly expectations: readonly ExpectationReport[];
  /** Every run, the first one too. */
  readonly repetitions: readonly Measured[];
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
  if (choice !== null) return { ...runRepeatedly(plan, choice, options), warnings };
  const { atEnd } = options;
  const result = runUntimedScenario(plan, atEnd === undefined ? {} : { atEnd });
  return { hasClock: false, passed: result.passed, result, warnings };
}

function runRepeatedly(
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: WatchedRunOptions,
): Omit<RunWithClock, "warnings"> {
  const repetitions = repeatedRuns(plan, choice, options);
  const results = repetitions.map(({ result }) => result);
  const { passed, expectations } = repeatedResult(plan, results);
  return { ...repetitions[0], hasClock: true, passed, expectations, repetitions };
}

/** Runs a checked plan at the prices of profiles, as often as it says. */
export function repeatedRuns(
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: WatchedRunOptions,
): [Measured, ...Measured[]] {
  const { repetitions: nr, seed = DEFAULT_SEED } = plan.document;
  const runs: [Measured, ...Measured[]] = [runWithClock(plan, choice, options)];
  for (let n = 1; n < nr; n++) {
    const other = { ...plan, document: { ...plan.document, seed: repetitionSeed(seed, n) } };
    runs.push(runWithClock(other, choice, options));
  }
  return runs;
}

/** Who looks at a run. */
type WatchedRunOptions = Pick<RunScenarioOptions, "columns" | "atEnd" | "until">;

/** Runs a checked plan once at the prices of profiles. */
function runWithClock(
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { columns, atEnd, until }: WatchedRunOptions,
): Measured {
  const measured = measuredRun(timedPlan(plan, choice), {
    observe: (named) => columns?.begin(named),
    atEnd,
  });
  if (until === undefined) measured.run.advance();
  else measured.run.advanceTo(instantPs(until));
  return endedRun(measured, columns);
}

/** What a run came to; its rows go to the columns. */
function endedRun(measured: MeasuredRun, columns: RunColumns | undefined): Measured {
  const done = measured.measure();
  const record = measured.observer?.record;
  if (record !== undefined) columns?.end(measured.named, record);
  return done;
}
