// One scenario under a clock, with its faults added up: what `run --profile` and `compare` share.
import {
  counted,
  type ProfileChoice,
  type ScenarioMachine,
  type ScenarioPlan,
  timedPlan,
  type TimedProgress,
} from "@faultline/scenario";
import { formatPs } from "@faultline/sim";
import type { CommandContext } from "./command-context.ts";
import { type Measured, type MeasuredRun, measuredRun } from "./library/measured-run.ts";
import type { ObservedRun, RunOutputs } from "./outputs/run-outputs.ts";
import { unknownDevice } from "./profile-option.ts";
import { startProgress } from "./progress.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** A run and its faults. */
export type TimedRun = Measured;

/** How a scenario is run. */
export interface TimedRunOptions {
  /** @defaultValue the scenario's */
  readonly seed?: number | undefined;
  /** Which of several runs of the scenario it is, 0 the first. */
  readonly repetition?: number | undefined;
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
  begun?.measured.run.advance();
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
  const { repetition } = options;
  const nth = repetition === undefined ? "" : `, repetition ${repetition + 1}`;
  const progress = startProgress(context.io, `${plan.file}${nth}`);
  let isStopped = false;
  const release = context.io.onInterrupt(() => {
    isStopped = true;
  });
  const { run } = begun.measured;
  while (!run.advance(SLICE_EVENTS)) {
    progress.show(progressText(run.progress));
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
  readonly measured: MeasuredRun<ObservedRun>;
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
  const problem = unknownDevice(choice, planned);
  if (problem !== null) {
    showDiagnostics(context, [problem]);
    return null;
  }
  const end: BegunRun["atEnd"] = { machine: null };
  const measured = measuredRun<ObservedRun>(planned, {
    seed,
    observe: (named) => outputs?.begin(named),
    atEnd: (machine) => {
      end.machine = machine;
      atEnd?.(machine);
    },
  });
  return { measured, atEnd: end };
}

function endOf(
  { measured, atEnd }: BegunRun,
  { outputs, repetition = 0 }: TimedRunOptions,
): TimedRun {
  const { observer, summary } = measured;
  const done = measured.measure();
  const { machine } = atEnd;
  if (observer !== undefined && machine !== null)
    outputs?.end(done, { ...observer, summary, machine }, repetition === 0);
  return done;
}

function progressText({ simulatedPs, nrFaults, nrStepsDone, nrSteps }: TimedProgress): string {
  const steps = `${nrStepsDone} of ${nrSteps} steps`;
  return `${steps}, ${formatPs(simulatedPs)} simulated, ${counted(nrFaults, "fault")}`;
}
