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
import { repeatedRuns } from "./repeated-runs.ts";
import { repeatedText } from "./repeated-text.ts";
import { type TimedRunOptions, watchedRun } from "../timed-run.ts";
import { timedText } from "../timed-text.ts";
import { drawnRuns } from "../uncertainty/drawn-runs.ts";
import { vmstatTable } from "../vmstat-table.ts";
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
  /** Whether text ends with what the kernel has counted; of repetitions, in the first. */
  readonly hasVmstat: boolean;
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
  const isOwn = choice === null;
  if (chosen !== null) return timedFile(context, plan, chosen, { ...options, isOwn }, watch);
  const { atEnd } = watch;
  const result = runUntimedScenario(plan, atEnd === undefined ? {} : { atEnd });
  const text = (): string =>
    formatResult(result, resultStyle(options.hasColours)) +
    decisionTable(result) +
    vmstatText(options, result.vmstat);
  return shown({ passed: result.passed, isPartial: false, text, json: result }, options);
}

/** With whether the scenario names its profiles itself. */
type TimedFileOptions = FileRunOptions & { readonly isOwn: boolean };

async function timedFile(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: TimedFileOptions,
  { atEnd, outputs }: FileRunWatch,
): Promise<FileRun | null> {
  const { seed, uncertainty: nrSamples } = options;
  const isRepeated = plan.document.repetitions > 1;
  const how = { seed, atEnd, outputs };
  const done = isRepeated
    ? await repeatedFile(context, plan, choice, options, how)
    : await singleFile(context, plan, choice, options, how);
  if (done === null) return null;
  const { passed, isPartial, text, json } = done;
  if (nrSamples === undefined || isPartial)
    return shown({ passed, isPartial, text, json }, options);
  const { uncertainty } = drawnRuns(context, plan, choice, done.seed, nrSamples);
  outputs?.noteUncertainty(uncertainty);
  const more = (): string => `${text()}\n${uncertaintyText(uncertainty)}`;
  return shown({ passed, isPartial, text: more, json: { ...json, uncertainty } }, options);
}

type Ran = Shown & { readonly seed: number };

async function singleFile(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { hasColours, hasVmstat, isOwn }: TimedFileOptions,
  how: TimedRunOptions,
): Promise<Ran | null> {
  const done = await watchedRun(context, plan, choice, how);
  if (done === null) return null;
  const { passed, isPartial, seed } = done.result;
  const text = (): string =>
    timedText(done, resultStyle(hasColours), isOwn) + vmstatText({ hasVmstat }, done.result.vmstat);
  return { passed, isPartial, seed, text, json: { ...done.result, faults: done.kinds } };
}

async function repeatedFile(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { hasColours, hasVmstat, isOwn }: TimedFileOptions,
  how: TimedRunOptions,
): Promise<Ran | null> {
  const repeated = await repeatedRuns(context, plan, choice, how);
  const first = repeated?.runs[0]?.result;
  if (repeated === null || first === undefined) return null;
  const { file, title, kernel, seed, cpuProfile, devices, isChecked } = first;
  const { passed, isPartial, expectations } = repeated.result;
  const repetitions = repeated.runs.map(({ result, kinds }) => ({ ...result, faults: kinds }));
  const { kinds: faults, simulatedPs } = repeated;
  const head = { file, title, kernel, seed, cpuProfile, devices, passed, isPartial, isChecked };
  const json = { ...head, expectations, faults, simulatedPs, repetitions };
  const text = (): string =>
    repeatedText(repeated, resultStyle(hasColours), isOwn) +
    vmstatText({ hasVmstat }, first.vmstat);
  return { passed, isPartial, seed, text, json };
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

/** The table of the kernel's counts, where the user wants it. */
function vmstatText(
  { hasVmstat }: Pick<FileRunOptions, "hasVmstat">,
  counts: Parameters<typeof vmstatTable>[0],
): string {
  return hasVmstat ? vmstatTable(counts) : "";
}
