// One scenario of `faultline run` from its plan to what is printed of it.
import {
  formatResult,
  ownProfiles,
  type ProfileChoice,
  runUntimedScenario,
  type ScenarioMachine,
  type ScenarioPlan,
} from "@faultline/scenario";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { decisionTable } from "../decision-table.ts";
import type { RunOutputs } from "../outputs/run-outputs.ts";
import { watchedRun } from "../timed-run.ts";
import { timedText } from "../timed-text.ts";
import { drawnRuns } from "../uncertainty/drawn-runs.ts";
import { uncertaintyText } from "../uncertainty/uncertainty-text.ts";

/** How a scenario is run and shown; plain data, because workers are given it. */
export interface FileRunOptions {
  /** @defaultValue the scenario's */
  readonly seed?: number | undefined;
  /** Runs at drawn prices, or none. */
  readonly uncertainty?: number | undefined;
  readonly hasColours: boolean;
  readonly errHasColours: boolean;
  /** Whether the result is wanted as data instead of text. */
  readonly isJson: boolean;
}

/** What only the process itself can look at. */
export interface FileRunWatch {
  /** Looks at the machine when the run is over. */
  readonly atEnd?: (machine: ScenarioMachine) => void;
  readonly outputs?: RunOutputs | undefined;
}

/** A scenario that has run. */
export interface FileRun {
  readonly passed: boolean;
  /** The user has stopped it, and with it all that would have followed. */
  readonly isPartial: boolean;
  /** Empty where data is wanted. */
  readonly text: string;
  /** Null where text is wanted. */
  readonly json: object | null;
}

/**
 * Runs a scenario.
 * @param choice null where the scenario names its profiles itself, or has no clock.
 * @returns null, with what is wrong shown, when a profile is for no device of it.
 */
export async function runFile(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice | null,
  options: FileRunOptions,
  watch: FileRunWatch = {},
): Promise<FileRun | null> {
  const chosen = choice ?? ownProfiles(plan.document);
  if (chosen !== null) return timedFile(context, plan, chosen, options, watch);
  const { atEnd } = watch;
  const result = runUntimedScenario(plan, atEnd === undefined ? {} : { atEnd });
  const text = (): string =>
    formatResult(result, resultStyle(options.hasColours)) + decisionTable(result);
  return shown({ passed: result.passed, isPartial: false, text, json: result }, options);
}

async function timedFile(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: FileRunOptions,
  { atEnd, outputs }: FileRunWatch,
): Promise<FileRun | null> {
  const { seed, uncertainty: nrSamples, hasColours } = options;
  const done = await watchedRun(context, plan, choice, { seed, atEnd, outputs });
  if (done === null) return null;
  const { passed, isPartial } = done.result;
  const json = { ...done.result, faults: done.kinds };
  const text = (): string => timedText(done, resultStyle(hasColours));
  if (nrSamples === undefined || isPartial)
    return shown({ passed, isPartial, text, json }, options);
  const { uncertainty } = drawnRuns(context, plan, choice, done.result.seed, nrSamples);
  outputs?.noteUncertainty(uncertainty);
  const more = (): string => `${text()}\n${uncertaintyText(uncertainty)}`;
  return shown({ passed, isPartial, text: more, json: { ...json, uncertainty } }, options);
}

interface Shown {
  readonly passed: boolean;
  readonly isPartial: boolean;
  readonly text: () => string;
  readonly json: object;
}

function shown({ passed, isPartial, text, json }: Shown, { isJson }: FileRunOptions): FileRun {
  return { passed, isPartial, text: isJson ? "" : text(), json: isJson ? json : null };
}
