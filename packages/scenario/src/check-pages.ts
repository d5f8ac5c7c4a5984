// `check` steps and `expect:`: comparing what is with what the scenario says must be.
import { deviceView } from "./device-view.ts";
import { type RunningDevice, stackOf } from "./running-device.ts";
import type { StepOutcome } from "./step-outcome.ts";
import { type PageState, pageState } from "./page-state.ts";
import type { PlannedStep } from "./plan.ts";
import type { RunningProcess, ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";
import type { Mismatch } from "./step-report.ts";

type CheckStep = Extract<Step, { do: "check" }>;
type CountersStep = Extract<Step, { do: "check_counters" }>;

/** What is compared; undefined where nothing is expected or there is nothing to compare. */
type Comparable = string | number | boolean | undefined;

type Report = (what: string, expected: Comparable, actual: Comparable) => void;

/** What the outcome of a step misses of its expectations. */
export function checkOutcome({ step }: PlannedStep, outcome: StepOutcome): Mismatch[] {
  const mismatches: Mismatch[] = [];
  const expect = "expect" in step ? step.expect : undefined;
  const expected = expect?.result ?? "ok";
  const compare: Report = (what, wanted, actual) => {
    if (wanted === undefined || wanted === actual) return;
    mismatches.push({ what, expected: String(wanted), actual: String(actual) });
  };
  compare("result", expected, outcome.result);
  compare("pages", expect?.pages, outcome.pages);
  compare("faults", expect?.faults, outcome.faults);
  for (const [kind, wanted] of Object.entries(expect?.effort ?? {})) {
    compare(`effort ${kind}`, wanted, outcome.effort?.[kind] ?? 0);
  }
  for (const [name, wanted] of Object.entries(expect?.vmstat ?? {})) {
    compare(`vmstat ${name}`, wanted, outcome.vmstat?.[name] ?? 0);
  }
  return mismatches;
}

/** What the driver's counters miss of a `check_counters` step. */
export function checkCounters(machine: ScenarioMachine, step: CountersStep): Mismatch[] {
  const stack = stackOf(machine.devices[machine.deviceNames.indexOf(step.device)]);
  const counted = stack?.counters?.() ?? new Map<string, number>();
  return Object.entries(step.counters).flatMap(([name, expected]) => {
    const actual = counted.get(name) ?? 0;
    if (actual === expected) return [];
    return [{ what: `counter ${name}`, expected: `${expected}`, actual: `${actual}` }];
  });
}

/** What the pages of a `check` step miss; the first wrong page of each property is named. */
export function checkPages(machine: ScenarioMachine, planned: PlannedStep): Mismatch[] {
  const step = planned.step as CheckStep;
  const { world } = machine;
  const { task } = machine.processes.get(planned.process) as RunningProcess;
  const mismatches = new Map<string, Mismatch>();
  for (let i = 0; i < planned.nrPages; i++) {
    const page = planned.start + i;
    const state = pageState(world, task.mm, page);
    const offset = page - (planned.mapping?.start ?? 0);
    const report: Report = (what, expected, actual) => {
      if (expected === undefined || expected === actual || mismatches.has(what)) return;
      const name = `${what} of ${planned.mapping?.name ?? ""}+${offset}`;
      mismatches.set(what, { what: name, expected: String(expected), actual: String(actual) });
    };
    report("state", step.state, state.state);
    report("writable", step.writable, state.writable);
    report("huge", step.huge, state.huge);
    report("node", step.node, state.node);
    report("device", step.device, machine.deviceNames[state.device] ?? "none");
    checkDeviceView(machine, planned, step, page, report);
    if (step.value !== undefined) report("value", step.value, contentOf(machine, state));
    if (step.same_frame_as !== undefined) checkFrame(machine, planned, step, i, state, report);
  }
  return [...mismatches.values()];
}

/** What the device named by `seen_by` would do with the page. */
function checkDeviceView(
  machine: ScenarioMachine,
  { process }: PlannedStep,
  step: CheckStep,
  page: number,
  report: Report,
): void {
  if (step.seen_by === undefined) return;
  const number = machine.deviceNames.indexOf(step.seen_by);
  const running = machine.devices[number] as RunningDevice;
  const owner = machine.processes.get(process) as RunningProcess;
  const view = deviceView(running, number, owner, page);
  report("aperture", step.aperture, view.aperture);
  report("device_writable", step.device_writable, view.writable);
  report("address", step.address, view.address ?? "none");
}

function contentOf(machine: ScenarioMachine, state: PageState): number {
  return state.pfn === 0 ? 0 : machine.world.frames.content(state.pfn);
}

function checkFrame(
  machine: ScenarioMachine,
  planned: PlannedStep,
  step: CheckStep,
  i: number,
  state: PageState,
  report: Report,
): void {
  const other = machine.processes.get(step.of ?? planned.process);
  if (other === undefined) return report("frame", "the same", "the other process has exited");
  const theirs = pageState(machine.world, other.task.mm, planned.otherStart + i);
  report("frame", theirs.pfn, state.pfn);
}
