// One scenario under a clock, with its faults added up: what `run --profile` and `compare` share.
import {
  type FaultKind,
  FaultSummary,
  type FaultTable,
  type FaultTableRun,
} from "@faultline/report";
import {
  DEFAULT_SEED,
  type ProfileChoice,
  runTimedScenario,
  type ScenarioMachine,
  type ScenarioPlan,
  timedPlan,
  type TimedScenarioResult,
} from "@faultline/scenario";
import type { CommandContext } from "./command-context.ts";
import { unknownDevice } from "./profile-option.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** A run and its faults. */
export interface TimedRun {
  readonly result: TimedScenarioResult;
  readonly kinds: readonly FaultKind[];
}

/** How a scenario is run. */
export interface TimedRunOptions {
  /** @defaultValue the scenario's */
  readonly seed?: number | undefined;
  /** Takes every fault, too. */
  readonly table?: FaultTable | undefined;
  /** Looks at the machine when everything is over. */
  readonly atEnd?: ((machine: ScenarioMachine) => void) | undefined;
}

/** Runs a scenario; null, with what is wrong shown, when a profile is for no device of it. */
export function timedRun(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  { seed, table, atEnd }: TimedRunOptions = {},
): TimedRun | null {
  const planned = timedPlan(plan, choice);
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const problem = unknownDevice(choice, names);
  if (problem !== null) {
    showDiagnostics(context, [problem]);
    return null;
  }
  const nameOf = (device: number): string => names[device] ?? `device ${device}`;
  const summary = new FaultSummary(nameOf);
  const run: FaultTableRun = {
    scenario: plan.file,
    profile: planned.cpuProfile.id,
    seed: seed ?? plan.document.seed ?? DEFAULT_SEED,
    nameOf,
  };
  const result = runTimedScenario(planned, {
    ...(seed === undefined ? {} : { seed }),
    sink: (chunk) => {
      summary.add(chunk);
      table?.add(run, chunk);
    },
    ...(atEnd === undefined ? {} : { atEnd }),
  });
  return { result, kinds: summary.kindsOfFaults() };
}
