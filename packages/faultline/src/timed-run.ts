// One scenario under a clock, with its faults added up: what `run --profile` and `compare` share.
import { type FaultKind, FaultSummary } from "@faultline/report";
import {
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

/**
 * Runs a scenario; null, with what is wrong shown, when a profile is for no device of it.
 * @param atEnd looks at the machine when everything is over.
 */
export function timedRun(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  seed: number | undefined,
  atEnd?: (machine: ScenarioMachine) => void,
): TimedRun | null {
  const planned = timedPlan(plan, choice);
  const names = planned.plan.machine?.devices.map(({ name }) => name) ?? [];
  const problem = unknownDevice(choice, names);
  if (problem !== null) {
    showDiagnostics(context, [problem]);
    return null;
  }
  const summary = new FaultSummary((device) => names[device] ?? `device ${device}`);
  const result = runTimedScenario(planned, {
    ...(seed === undefined ? {} : { seed }),
    sink: (chunk) => summary.add(chunk),
    ...(atEnd === undefined ? {} : { atEnd }),
  });
  return { result, kinds: summary.kindsOfFaults() };
}
