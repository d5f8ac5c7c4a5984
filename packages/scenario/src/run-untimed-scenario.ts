// Running a plan without a clock: step after step, each to its end.
import { EFFORT_KIND_NAMES } from "@faultline/core";
import { checkCounters, checkOutcome, checkPages } from "./check-pages.ts";
import { type AddressNames, DecisionRecorder, ownerOf } from "./decision-recorder.ts";
import { executeStep } from "./execute-step.ts";
import { growth } from "./growth.ts";
import { stepFacts } from "./step-facts.ts";
import type { StepOutcome } from "./step-outcome.ts";
import { judge, type ExpectationReport } from "./expect/judge.ts";
import { needsClock } from "./expect/measure-text.ts";
import { countersOf } from "./running-device.ts";
import { RunNumbers } from "./timed/run-numbers.ts";
import { PageWatch } from "./page-watch.ts";
import type { PlannedMapping, PlannedStep, ScenarioPlan } from "./plan.ts";
import { RepeatedOutcome } from "./repeat-step.ts";
import { createScenarioMachine, type ScenarioMachine } from "./scenario-machine.ts";
import type { Mismatch, ScenarioResult, StepReport } from "./step-report.ts";

/** How a plan is run without a clock. */
export interface UntimedOptions {
  /** Looks at the machine when everything is over. */
  readonly atEnd?: (machine: ScenarioMachine) => void;
}

/** Runs a checked scenario; the same plan always gives the same result. */
export function runUntimedScenario(
  plan: ScenarioPlan,
  { atEnd }: UntimedOptions = {},
): ScenarioResult {
  const machine = createScenarioMachine(plan.document, plan.machine, undefined, plan.plugins);
  const recorder = new DecisionRecorder();
  machine.world.recorder = recorder;
  const mappings = new Map<string, PlannedMapping>();
  const names: AddressNames = {
    processOf: (mmId) => ownerOf(machine.processes.values(), mmId),
    mappings: () => mappings.values(),
  };
  const watch = new PageWatch(machine, names);
  const steps = plan.steps.map((planned) => {
    if (planned.step.do === "mmap" && planned.mapping !== null) {
      mappings.set(`${planned.mapping.start}`, planned.mapping);
    }
    return runStep(machine, planned, recorder, watch, names);
  });
  atEnd?.(machine);
  const expectations = wholeOf(plan, machine);
  return {
    file: plan.file,
    title: plan.document.title,
    kernel: plan.document.kernel,
    passed:
      steps.every((step) => step.mismatches.length === 0) &&
      expectations.every(({ isMet }) => isMet),
    steps,
    expectations,
    effort: effortByKind(machine),
    vmstat: machine.world.vmEvents.byName(),
  };
}

/** What is expected of the whole; under a clock of a scenario's own that is another whole. */
function wholeOf(plan: ScenarioPlan, machine: ScenarioMachine): ExpectationReport[] {
  if (plan.document.profile !== undefined) return [];
  const planned = plan.expectations.filter(({ expectation }) => !needsClock(expectation));
  if (planned.length === 0) return [];
  const counters = countersOf(machine);
  const vmstat = machine.world.vmEvents.byName();
  const end = { windows: new Map(), simulatedPs: 0, counters, vmstat };
  const values = new RunNumbers(planned, plan.steps, machine.deviceNames).values(end);
  return planned.map((one, at) => judge(one, [values[at] ?? null]));
}

function runStep(
  machine: ScenarioMachine,
  planned: PlannedStep,
  recorder: DecisionRecorder,
  watch: PageWatch,
  names: AddressNames,
): StepReport {
  const isCheck = planned.step.do === "check" || planned.step.do === "check_counters";
  const before = effortByKind(machine);
  const countedBefore = machine.world.vmEvents.byName();
  const outcome: StepOutcome = isCheck ? { result: "ok" } : executeAll(machine, planned);
  const effort = growth(effortByKind(machine), before);
  const vmstat = growth(machine.world.vmEvents.byName(), countedBefore);
  machine.world.effort.clear();
  return {
    ...stepFacts(planned, outcome),
    decisions: recorder.take(names),
    changes: isCheck ? [] : watch.changes(),
    mismatches: mismatchesOf(machine, planned, { ...outcome, effort, vmstat }),
  };
}

/** A step that happens every so often happens `times` times: no time passes here. */
function executeAll(machine: ScenarioMachine, planned: PlannedStep): StepOutcome {
  const { step } = planned;
  if (!("every" in step) || step.every === undefined) return executeStep(machine, planned);
  const all = new RepeatedOutcome();
  for (let n = 0; n < (step.times ?? 1); n++) all.add(executeStep(machine, planned));
  return all.outcome;
}

function mismatchesOf(
  machine: ScenarioMachine,
  planned: PlannedStep,
  outcome: StepOutcome,
): Mismatch[] {
  if (planned.step.do === "check") return checkPages(machine, planned);
  if (planned.step.do === "check_counters") return checkCounters(machine, planned.step);
  return checkOutcome(planned, outcome);
}

function effortByKind(machine: ScenarioMachine): Record<string, number> {
  const { totals } = machine.world.effort;
  const spent: Record<string, number> = {};
  for (const [kind, name] of EFFORT_KIND_NAMES.entries()) {
    const total = totals[kind] as number;
    if (total > 0) spent[name] = total;
  }
  return spent;
}
