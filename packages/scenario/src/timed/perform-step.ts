// One step under a clock: what CPUs and devices touch is done by threads and device contexts, which
// fault page by page; everything else is a verb that takes its time.
import { EOPNOTSUPP, errnoName } from "@faultline/core";
import { writePageContent, readPageContent } from "@faultline/engine";
import { deviceConstant, type Profile } from "@faultline/profiles";
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
  type TimedWorld,
} from "@faultline/sim";
import { openDevice } from "../execute-device-command.ts";
import { accessResult, stepVerb } from "../execute-step.ts";
import type { PlannedStep } from "../plan.ts";
import type { RunningProcess, ScenarioMachine } from "../scenario-machine.ts";
import { parseTimePs } from "../schema/fields.ts";
import { defaultValue, outcomeOf, type StepOutcome } from "../step-outcome.ts";

/** Where steps are performed. */
export interface TimedStage {
  readonly machine: ScenarioMachine;
  readonly timed: TimedWorld;
  /** Those that have a driver, by name. */
  readonly devices: ReadonlyMap<string, TimedDevice>;
  readonly profileOf: ReadonlyMap<string, Profile>;
}

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
  const device =
    "device" in step && step.do !== "check" ? stage.devices.get(step.device) : undefined;
  const access = DEVICE_ACCESS[step.do];
  if (device !== undefined && access !== undefined) {
    return yield* deviceAccess(stage, self, process, planned, device, access);
  }
  switch (step.do) {
    case "read":
    case "write":
      return yield* cpuAccess(stage, self, process, planned);
    case "advance":
      yield parseTimePs(step.time);
      return { result: "ok" };
    case "check":
    case "check_counters":
    case "wait":
      return { result: "ok" };
    default: {
      const verb = stepVerb(machine, planned);
      return yield* timed.drive(self, process.task.mm, verb, device?.sheet);
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
    const rc = yield* thread.access(self, page, isWrite ? ACCESS_WRITE : ACCESS_READ);
    if (rc !== 0) return { result: accessResult(rc) };
    if (isWrite) {
      const value = step.value ?? defaultValue(planned, page);
      writePageContent(timed.world, task.mm, page, value);
    } else {
      values.push(readPageContent(timed.world, task.mm, page));
    }
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

/** What the step says, else what the profile knows of the device, else one. */
function outstandingOf({ profileOf }: TimedStage, { step }: PlannedStep, device: string): number {
  if ("outstanding" in step && step.outstanding !== undefined) return step.outstanding;
  const profile = profileOf.get(device);
  const known = profile === undefined ? null : deviceConstant(profile, "outstanding_faults");
  return known ?? 1;
}
