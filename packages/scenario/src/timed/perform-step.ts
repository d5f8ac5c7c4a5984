// One step under a clock: what CPUs and devices touch is done by threads and device contexts, which
// fault page by page; everything else is a verb that takes its time.
import { EOPNOTSUPP, errnoName } from "@faultline/core";
import {
  ACCESS_ATOMIC,
  ACCESS_READ,
  ACCESS_WRITE,
  type AccessStream,
  type Actor,
  type ActorBody,
  CpuThread,
  RangeStream,
  type TimedDevice,
} from "@faultline/sim";
import { addedPages } from "../change-machine.ts";
import { openDevice } from "../execute-device-command.ts";
import { accessResult } from "../access-result.ts";
import { stepVerb } from "../execute-step.ts";
import type { PlannedStep } from "../plan.ts";
import type { RunningProcess } from "../scenario-machine.ts";
import { parseTimePs } from "../schema/fields.ts";
import type { Step } from "../schema/step-schema.ts";
import { defaultValue, outcomeOf, type StepOutcome } from "../step-outcome.ts";
import { threadOf, workloadStreams } from "../workload.ts";
import { performExchange } from "./perform-exchange.ts";
import { cpuOfStep, outstandingOf, type TimedStage } from "./timed-stage.ts";

type WorkloadStep = Extract<Step, { do: "workload" }>;

const DEVICE_ACCESS: Readonly<Record<string, number>> = {
  device_read: ACCESS_READ,
  device_write: ACCESS_WRITE,
  device_atomic: ACCESS_ATOMIC,
};

/** Performs a step. */
export function* performStep(
  stage: TimedStage,
  self: Actor,
  planned: PlannedStep,
): ActorBody<StepOutcome> {
  const { machine, timed } = stage;
  const { step } = planned;
  const process = machine.processes.get(planned.process) as RunningProcess;
  const name = "device" in step && step.do !== "check" ? step.device : undefined;
  const device = name === undefined ? undefined : stage.devices.get(name);
  const access = DEVICE_ACCESS[step.do];
  // An access by an address of another device raises no fault.
  const isDirect = "address_of" in step && step.address_of !== undefined;
  if (device !== undefined && access !== undefined && !isDirect) {
    return yield* deviceAccess(stage, self, process, planned, device, access);
  }
  const cpu = cpuOfStep(stage, planned, process);
  switch (step.do) {
    case "read":
    case "write":
      return yield* cpuAccess(stage, self, process, planned);
    case "workload":
      if (step.device === undefined) return yield* cpuWorkload(stage, self, process, planned, step);
      if (device === undefined) return outcomeOf(-EOPNOTSUPP);
      return yield* deviceWorkload(stage, self, process, planned, step, device);
    case "exchange":
      return yield* performExchange(stage, self, process, planned, step);
    case "advance":
      yield parseTimePs(step.time);
      return { result: "ok" };
    case "link_down": {
      const { mm } = process.task;
      const { link } = step;
      const fails = { ...planned, step: { do: "link_down" as const, link } };
      const down = yield* timed.drive(self, mm, stepVerb(machine, fails), undefined, cpu);
      if (step.for === undefined) return down;
      yield parseTimePs(step.for);
      const returns = { ...planned, step: { do: "link_up" as const, link } };
      return addedPages(
        down,
        yield* timed.drive(self, mm, stepVerb(machine, returns), undefined, cpu),
      );
    }
    case "check":
    case "check_counters":
    case "wait":
      return { result: "ok" };
    default: {
      const verb = stepVerb(machine, planned);
      return yield* timed.drive(self, process.task.mm, verb, device?.sheet, cpu);
    }
  }
}

/** A program of a CPU touches pages, one after another. */
function* cpuAccess(
  { timed }: TimedStage,
  self: Actor,
  { task }: RunningProcess,
  planned: PlannedStep,
): ActorBody<StepOutcome> {
  const { step, start, nrPages } = planned;
  const isWrite = step.do === "write";
  const thread = new CpuThread(timed, task);
  const values: number[] = [];
  for (let page = start; page < start + nrPages; page++) {
    const value = step.do === "write" ? (step.value ?? defaultValue(planned, page)) : undefined;
    const rc = yield* thread.access(self, page, isWrite ? ACCESS_WRITE : ACCESS_READ, value);
    if (rc !== 0) return { result: accessResult(rc) };
    values.push(thread.found);
  }
  return { result: "ok", ...(isWrite ? {} : { values }) };
}

/** A program of a device touches pages, with as many faults outstanding as it can have. */
function* deviceAccess(
  stage: TimedStage,
  self: Actor,
  process: RunningProcess,
  planned: PlannedStep,
  device: TimedDevice,
  access: number,
): ActorBody<StepOutcome> {
  const { step, start, nrPages } = planned;
  if (openDevice(stage.machine, process, device.name) === null) return outcomeOf(-EOPNOTSUPP);
  const given = "value" in step ? step.value : undefined;
  const values: number[] = [];
  const stream: AccessStream = new RangeStream(start, nrPages, access, (page) => {
    return given ?? defaultValue(planned, page);
  });
  const context = device.startContext({
    name: `${device.name} for ${process.name}`,
    task: process.task,
    stream,
    outstanding: outstandingOf(stage, planned, device.name),
    onDone: (page, value) => {
      values[page - start] = value;
    },
  });
  for (const lane of context.lanes) yield self.join(lane);
  const { rc, nrAccesses, nrFaults } = context;
  const result = rc === 0 ? "ok" : errnoName(rc);
  const read = rc === 0 && access === ACCESS_READ ? { values } : {};
  return { result, pages: nrAccesses, faults: nrFaults, ...read };
}

/** Threads of CPUs, side by side. */
function* cpuWorkload(
  stage: TimedStage,
  self: Actor,
  { name, task }: RunningProcess,
  planned: PlannedStep,
  step: WorkloadStep,
): ActorBody<StepOutcome> {
  const { timed, machine } = stage;
  const pausePs = step.pause === undefined ? 0 : parseTimePs(step.pause);
  let pages = 0;
  let faults = 0;
  let result = "ok";
  const threads = workloadStreams(machine, planned, step).map((stream, i) => {
    const own = threadOf(task, i, step.cpus);
    return timed.sim.spawn(`${name}, thread ${i}`, function* (thread) {
      const cpu = new CpuThread(timed, own);
      const beganPs = timed.sim.nowPs;
      while (result === "ok" && stream.next()) {
        const { page, access, value, atPs = 0 } = stream;
        if (beganPs + atPs > timed.sim.nowPs) yield beganPs + atPs - timed.sim.nowPs;
        const rc = yield* cpu.access(thread, page, access, value);
        if (rc !== 0) result = accessResult(rc);
        else pages++;
        if (pausePs > 0) yield* timed.compute(thread, own.cpu, pausePs);
      }
      faults += cpu.nrFaults;
    });
  });
  for (const thread of threads) yield self.join(thread);
  return { result, pages, faults };
}

/** Contexts of a device, side by side. */
function* deviceWorkload(
  stage: TimedStage,
  self: Actor,
  process: RunningProcess,
  planned: PlannedStep,
  step: WorkloadStep,
  device: TimedDevice,
): ActorBody<StepOutcome> {
  if (openDevice(stage.machine, process, device.name) === null) return outcomeOf(-EOPNOTSUPP);
  const contexts = workloadStreams(stage.machine, planned, step).map((stream, i) => {
    return device.startContext({
      name: `${device.name} for ${process.name}, context ${i}`,
      task: process.task,
      stream,
      outstanding: outstandingOf(stage, planned, device.name),
      pausePs: step.pause === undefined ? 0 : parseTimePs(step.pause),
    });
  });
  for (const { lanes } of contexts) for (const lane of lanes) yield self.join(lane);
  const sum = (of: (context: (typeof contexts)[number]) => number): number => {
    return contexts.reduce((total, context) => total + of(context), 0);
  };
  const rc = contexts.find((context) => context.rc !== 0)?.rc ?? 0;
  const result = rc === 0 ? "ok" : errnoName(rc);
  return { result, pages: sum((one) => one.nrAccesses), faults: sum((one) => one.nrFaults) };
}
