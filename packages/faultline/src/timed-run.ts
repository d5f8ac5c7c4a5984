// One scenario under a clock, with its faults added up: what `run --profile` and `compare` share.
import { type FaultKind, FaultSummary, type NamedRun } from "@faultline/report";
import {
  DEFAULT_SEED,
  counted,
  type ProfileChoice,
  type ScenarioMachine,
  type ScenarioPlan,
  timedPlan,
  type TimedProgress,
  type TimedScenarioResult,
  TimedScenarioRun,
} from "@faultline/scenario";
import { formatPs, Traffic } from "@faultline/sim";
import type { CommandContext } from "./command-context.ts";
import { type MovedBytes, movedBytes } from "./moved-bytes.ts";
import type { ObservedRun, RunOutputs } from "./outputs/run-outputs.ts";
import { unknownDevice } from "./profile-option.ts";
import { startProgress } from "./progress.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** A run and its faults. */
export interface TimedRun {
  readonly result: TimedScenarioResult;
  readonly kinds: readonly FaultKind[];
  /** Which way data went. */
  readonly moved: readonly MovedBytes[];
}

/** How a scenario is run. */
export interface TimedRunOptions {
  /** @defaultValue the scenario's */
  readonly seed?: number | undefined;
  /** What else is asked of the run. */
  readonly outputs?: RunOutputs | undefined;
  /** Looks at the machine when everything is over. */
  readonly atEnd?: ((machine: ScenarioMachine) => void) | undefined;
}

/** Events of the simulation between two looks at the user: some hundredths of a second. */
const SLICE_EVENTS = 8192;

/** Runs a scenario; null, with what is wrong shown, when a profile is for no device of it. */
export function timedRun(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: TimedRunOptions = {},
): TimedRun | null {
  const begun = begin(context, plan, choice, options);
  begun?.run.advance();
  return begun === null ? null : endOf(begun, options);
}

/** The same with its progress on a terminal; Ctrl-C ends it with what has happened so far. */
export async function watchedRun(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: TimedRunOptions = {},
): Promise<TimedRun | null> {
  const begun = begin(context, plan, choice, options);
  if (begun === null) return null;
  const progress = startProgress(context.io, plan.file);
  let isStopped = false;
  const release = context.io.onInterrupt(() => {
    isStopped = true;
  });
  while (!begun.run.advance(SLICE_EVENTS)) {
    progress.show(progressText(begun.run.progress));
    // Signals are heard between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    if (isStopped) break;
  }
  release();
  progress.end();
  if (isStopped) context.note("expectation-failed");
  return endOf(begun, options);
}

interface BegunRun {
  readonly run: TimedScenarioRun;
  readonly summary: FaultSummary;
  readonly moved: () => readonly MovedBytes[];
  readonly observed: ObservedRun | undefined;
  /** The machine, when the run is over. */
  readonly atEnd: { machine: ScenarioMachine | null };
}

function begin(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { seed, outputs, atEnd }: TimedRunOptions,
): BegunRun | null {
  const planned = timedPlan(plan, choice);
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const problem = unknownDevice(choice, names);
  if (problem !== null) {
    showDiagnostics(context, [problem]);
    return null;
  }
  const nameOf = (device: number): string => names[device] ?? `device ${device}`;
  const summary = new FaultSummary(nameOf);
  const named: NamedRun = {
    scenario: plan.file,
    profile: planned.cpuProfile.id,
    seed: seed ?? plan.document.seed ?? DEFAULT_SEED,
    pageBytes: planned.pageBytes,
    nameOf,
  };
  const observed = outputs?.begin(named);
  const traffic = new Traffic();
  const end: BegunRun["atEnd"] = { machine: null };
  const run = new TimedScenarioRun(planned, {
    traffic,
    ...(seed === undefined ? {} : { seed }),
    sink: (chunk) => {
      summary.add(chunk);
      observed?.sink(chunk);
    },
    record: observed?.record,
    atEnd: (machine) => {
      end.machine = machine;
      atEnd?.(machine);
    },
  });
  const moved = (): MovedBytes[] => movedBytes(traffic, planned.pageBytes, nameOf);
  return { run, summary, moved, observed, atEnd: end };
}

function endOf(
  { run, summary, moved, observed, atEnd }: BegunRun,
  { outputs }: TimedRunOptions,
): TimedRun {
  const done = { result: run.result(), kinds: summary.kindsOfFaults(), moved: moved() };
  const { machine } = atEnd;
  if (observed !== undefined && machine !== null)
    outputs?.end(done, { ...observed, summary, machine });
  return done;
}

function progressText({ simulatedPs, nrFaults, nrStepsDone, nrSteps }: TimedProgress): string {
  const steps = `${nrStepsDone} of ${nrSteps} steps`;
  return `${steps}, ${formatPs(simulatedPs)} simulated, ${counted(nrFaults, "fault")}`;
}
