// `exchange` steps: programs of devices and CPUs that hand pages to each other.
import type { Verb } from "@faultline/engine";
import { Exchange } from "@faultline/sim";
import type { PlannedStep } from "./plan.ts";
import { CPU_MEMBER } from "./resolve-steps.ts";
import type { RunningProcess, ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";
import { defaultValue, type StepOutcome } from "./step-outcome.ts";
import { touchAll } from "./workload.ts";

/** The step. */
export type ExchangeStep = Extract<Step, { do: "exchange" }>;

/** Who touches what in which turn. */
export function exchangeOf(planned: PlannedStep, step: ExchangeStep): Exchange {
  return new Exchange({
    kind: step.pattern,
    start: planned.start,
    nrPages: planned.nrPages,
    nrMembers: step.members.length,
    rounds: step.rounds,
    ...(step.halo === undefined ? {} : { halo: step.halo }),
    ...(step.slots === undefined ? {} : { slots: step.slots }),
    valueAt: (page) => defaultValue(planned, page),
  });
}

/** The device of a member; undefined for a CPU. */
export function deviceOfMember(member: string): string | undefined {
  return member === CPU_MEMBER ? undefined : member;
}

/** An exchange without a clock: turn by turn, each member in order, so that nobody waits. */
export function* exchangeVerb(
  machine: ScenarioMachine,
  process: RunningProcess,
  planned: PlannedStep,
  step: ExchangeStep,
): Verb<StepOutcome> {
  const exchange = exchangeOf(planned, step);
  let pages = 0;
  let faults = 0;
  for (let turn = 0; turn < step.rounds; turn++) {
    for (const [i, member] of step.members.entries()) {
      const stream = exchange.accessesOf(i, turn);
      const done = yield* touchAll(machine, process, stream, deviceOfMember(member));
      pages += done.pages ?? 0;
      faults += done.faults ?? 0;
      if (done.result !== "ok") return { ...done, pages, faults };
    }
  }
  return { result: "ok", pages, faults };
}
