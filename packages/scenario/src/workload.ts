// `workload` steps: programs of CPUs or of a device that touch pages in a pattern.
import { EOPNOTSUPP, errnoName, type TaskStruct } from "@faultline/core";
import { TRACE_ACCESS_NAMES } from "@faultline/platform";
import { ACCESS_WAIT, cpuAccess, type Verb, writePageContent } from "@faultline/engine";
import {
  ACCESS_ATOMIC,
  ACCESS_NAMES,
  ACCESS_READ,
  ACCESS_WRITE,
  type AccessStream,
  type Pattern,
  PatternStream,
  RecordedStream,
} from "@faultline/sim";
import { type DeviceAccessKind, deviceAccess } from "@faultline/stacks";
import { accessResult } from "./access-result.ts";
import { openDevice } from "./execute-device-command.ts";
import type { PlannedStep } from "./plan.ts";
import type { RunningProcess, ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";
import { defaultValue, outcomeOf, type StepOutcome } from "./step-outcome.ts";

type WorkloadStep = Extract<Step, { do: "workload" }>;

const ACCESS = { read: ACCESS_READ, write: ACCESS_WRITE, atomic: ACCESS_ATOMIC } as const;

/** What each program of a workload touches; the same seed gives the same accesses. */
export function workloadStreams(
  { random, plugins }: ScenarioMachine,
  planned: PlannedStep,
  step: WorkloadStep,
): AccessStream[] {
  const { start, nrPages, index, trace } = planned;
  const valueAt = (page: number): number => defaultValue(planned, page);
  if (trace !== null) {
    const access = trace.access.map((number) => ACCESS[TRACE_ACCESS_NAMES[number] ?? "read"]);
    const recording = { start, pages: trace.pages, access, timesPs: trace.timesPs, valueAt };
    return Array.from({ length: step.programs }, () => new RecordedStream(recording));
  }
  const own = plugins.workloads.get(step.pattern);
  return Array.from({ length: step.programs }, (_, program) => {
    const common = {
      start,
      nrPages,
      count: step.count ?? nrPages,
      access: ACCESS[step.access],
      changePercent: step.percent,
      random: random.stream(`step ${index}, program ${program}`),
      valueAt,
    };
    if (own !== undefined) {
      return own.stream({ ...common, program, nrPrograms: step.programs, knobs: step.knobs ?? {} });
    }
    return new PatternStream({
      ...common,
      pattern: step.pattern as Pattern,
      ...(step.stride === undefined ? {} : { stride: step.stride }),
      ...(step.skew === undefined ? {} : { skew: step.skew }),
      ...(step.degree === undefined ? {} : { degree: step.degree }),
    });
  });
}

/** A thread of a process, on the CPU that a workload gives it; the process itself without any. */
export function threadOf(
  task: TaskStruct,
  number: number,
  cpus: readonly number[] | undefined,
): TaskStruct {
  const cpu = cpus?.[number % cpus.length];
  return cpu === undefined ? task : { ...task, cpu };
}

/** A workload without a clock: one program after another. */
export function* workloadVerb(
  machine: ScenarioMachine,
  process: RunningProcess,
  planned: PlannedStep,
  step: WorkloadStep,
): Verb<StepOutcome> {
  let pages = 0;
  let faults = 0;
  for (const [i, stream] of workloadStreams(machine, planned, step).entries()) {
    const thread = { ...process, task: threadOf(process.task, i, step.cpus) };
    const done = yield* touchAll(machine, thread, stream, step.device);
    pages += done.pages ?? 0;
    faults += done.faults ?? 0;
    if (done.result !== "ok") return { ...done, pages, faults };
  }
  return { result: "ok", pages, ...(step.device === undefined ? {} : { faults }) };
}

/**
 * One program touches its pages, without a clock.
 * @param device who touches. @defaultValue a CPU
 */
export function* touchAll(
  machine: ScenarioMachine,
  process: RunningProcess,
  stream: AccessStream,
  device?: string,
): Verb<StepOutcome> {
  let pages = 0;
  let faults = 0;
  while (stream.next()) {
    const done =
      device === undefined
        ? touchByCpu(machine, process, stream)
        : yield* touchByDevice(machine, process, stream, device);
    faults += done.faults ?? 0;
    if (done.result !== "ok") return { ...done, pages, faults };
    pages++;
  }
  return { result: "ok", pages, faults };
}

function touchByCpu(
  { world }: ScenarioMachine,
  { task }: RunningProcess,
  { page, access, value }: AccessStream,
): StepOutcome {
  const isWrite = access !== ACCESS_READ;
  const rc = cpuAccess(world, task, page, isWrite);
  if (rc === ACCESS_WAIT) world.pendingWait = null;
  if (rc === 0 && isWrite) writePageContent(world, task.mm, page, value);
  return { result: accessResult(rc) };
}

function* touchByDevice(
  machine: ScenarioMachine,
  process: RunningProcess,
  { page: start, access, value }: AccessStream,
  name: string,
): Verb<StepOutcome> {
  const opened = openDevice(machine, process, name);
  if (opened === null) return outcomeOf(-EOPNOTSUPP);
  const { stack, mirror } = opened;
  const kind = ACCESS_NAMES[access] as DeviceAccessKind;
  const request = { start, nrPages: 1, access: kind, value };
  const { rc, nrFaults } = yield* deviceAccess(stack, mirror, process.task, request);
  return { result: rc === 0 ? "ok" : errnoName(rc), faults: nrFaults };
}
