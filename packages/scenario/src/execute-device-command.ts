// Device commands of a scenario: what a program on a device does, and what its driver is asked.
import { ENODEV, EOPNOTSUPP, type TaskStruct, type World } from "@faultline/core";
import { type Verb } from "@faultline/engine";
import {
  accessBorrowedAddress,
  createDmirrorCmd,
  type DeviceAccessKind,
  type DeviceAdvice,
  type DeviceFault,
  type DeviceMirror,
  type DeviceStack,
  deviceAccess,
  type Dmirror,
  dmirrorClose,
  type DmirrorCmd,
  type DmirrorDevice,
  dmirrorExclusive,
  dmirrorMigrateToDevice,
  dmirrorMigrateToSystem,
  dmirrorOpen,
  dmirrorRead,
  dmirrorWrite,
  type PageRange,
} from "@faultline/stacks";
import type { PlannedStep } from "./plan.ts";
import { dmirrorOf, type RunningDevice, stackOf } from "./running-device.ts";
import type { RunningProcess, ScenarioMachine } from "./scenario-machine.ts";
import type { Step } from "./schema/step-schema.ts";
import { defaultValue, outcomeOf, type StepOutcome } from "./step-outcome.ts";

type StepOf<Name extends Step["do"]> = Extract<Step, { do: Name }>;

/** The steps that are about a device. */
export type DeviceCommand = StepOf<
  | "device_read"
  | "device_write"
  | "device_atomic"
  | "device_faults"
  | "migrate_to_device"
  | "migrate_to_system"
  | "make_device_exclusive"
  | "device_advise"
  | "request_migration"
  | "close_device"
>;

const DEVICE_COMMANDS: ReadonlySet<string> = new Set<DeviceCommand["do"]>([
  "device_read",
  "device_write",
  "device_atomic",
  "device_faults",
  "migrate_to_device",
  "migrate_to_system",
  "make_device_exclusive",
  "device_advise",
  "request_migration",
  "close_device",
]);

/** True for a step that is about a device. */
export function isDeviceCommand(step: Step): step is DeviceCommand {
  return DEVICE_COMMANDS.has(step.do);
}

/** One command as a verb; the device is opened at its first use by the process. */
export function* deviceCommandVerb(
  machine: ScenarioMachine,
  process: RunningProcess,
  step: DeviceCommand,
  planned: PlannedStep,
): Verb<StepOutcome> {
  const number = machine.deviceNames.indexOf(step.device);
  const running = machine.devices[number] as RunningDevice;
  if (step.do === "close_device") return closeDevice(machine, process, number);
  const dmirror = dmirrorOf(running);
  if (dmirror !== null) {
    return yield* dmirrorCommand(machine, process, dmirror, number, step, planned);
  }
  const opened = openDevice(machine, process, step.device);
  if (opened === null) return outcomeOf(-ENODEV);
  return yield* driverCommand(machine, process, opened, step, planned);
}

/** A device that a process has open now; null for one without a driver, or taken away. */
export function openDevice(
  machine: ScenarioMachine,
  process: RunningProcess,
  name: string,
): OpenDevice | null {
  const number = machine.deviceNames.indexOf(name);
  const stack = stackOf(machine.devices[number]);
  if (stack === null || machine.unplugged.has(number)) return null;
  process.opened.add(number);
  return { stack, mirror: stack.open(process.task.mm) };
}

/** Closes a device for a process; EBADF when the process has not opened it. */
function closeDevice(
  machine: ScenarioMachine,
  process: RunningProcess,
  number: number,
): StepOutcome {
  const running = machine.devices[number] as RunningDevice;
  if (dmirrorOf(running) !== null) {
    const file = process.files.get(number);
    if (file === undefined) return { result: "EBADF" };
    dmirrorClose(machine.world, process.task, file);
    process.files.delete(number);
    return { result: "ok" };
  }
  const stack = stackOf(running);
  if (stack === null || !process.opened.delete(number)) return { result: "EBADF" };
  stack.close(stack.open(process.task.mm));
  return { result: "ok" };
}

/** Closes whatever an exiting process has open. */
export function closeAllDevices(machine: ScenarioMachine, process: RunningProcess): void {
  for (const number of [...process.files.keys(), ...process.opened]) {
    closeDevice(machine, process, number);
  }
}

type DmirrorCommand = (world: World, task: TaskStruct, file: Dmirror, cmd: DmirrorCmd) => Verb;

const DMIRROR_COMMANDS: Readonly<Partial<Record<DeviceCommand["do"], DmirrorCommand>>> = {
  device_read: dmirrorRead,
  device_write: dmirrorWrite,
  migrate_to_device: dmirrorMigrateToDevice,
  migrate_to_system: dmirrorMigrateToSystem,
  make_device_exclusive: dmirrorExclusive,
};

function* dmirrorCommand(
  machine: ScenarioMachine,
  process: RunningProcess,
  device: DmirrorDevice,
  number: number,
  step: DeviceCommand,
  planned: PlannedStep,
): Verb<StepOutcome> {
  const run = DMIRROR_COMMANDS[step.do];
  if (run === undefined) return outcomeOf(-EOPNOTSUPP);
  const { world } = machine;
  const file = process.files.get(number) ?? dmirrorOpen(world, device, process.task.mm);
  process.files.set(number, file);
  const cmd = createDmirrorCmd(planned.start, planned.nrPages);
  if (step.do === "device_write") {
    for (let i = 0; i < planned.nrPages; i++) {
      cmd.data[i] = step.value ?? defaultValue(planned, planned.start + i);
    }
  }
  const rc = yield* run(world, process.task, file, cmd);
  if (rc < 0) return outcomeOf(rc);
  const values = step.do === "device_read" ? { values: [...cmd.data] } : {};
  return { result: "ok", pages: cmd.cpages, faults: cmd.faults, ...values };
}

/** A device as a process uses it. */
export interface OpenDevice {
  readonly stack: DeviceStack;
  readonly mirror: DeviceMirror;
}

function* driverCommand(
  machine: ScenarioMachine,
  { task }: RunningProcess,
  { stack, mirror }: OpenDevice,
  step: DeviceCommand,
  planned: PlannedStep,
): Verb<StepOutcome> {
  const range: PageRange = { start: planned.start, nrPages: planned.nrPages };
  switch (step.do) {
    case "device_read":
      if (step.address_of !== undefined) return borrow(machine, stack, task, step, planned);
      return yield* access({ stack, mirror }, task, planned, "read");
    case "device_write":
      if (step.address_of !== undefined) return borrow(machine, stack, task, step, planned);
      return yield* access({ stack, mirror }, task, planned, "write", step.value);
    case "device_atomic":
      return yield* access({ stack, mirror }, task, planned, "atomic", step.value);
    case "device_faults":
      return yield* serveBuffer({ stack, mirror }, task, step, planned);
    case "migrate_to_device": {
      if (step.region === undefined) return outcomeOf(yield* stack.prefetch(mirror, task, range));
      const verb = stack.prefetchTo?.(mirror, task, range, step.region);
      return outcomeOf(verb === undefined ? -EOPNOTSUPP : yield* verb);
    }
    case "migrate_to_system":
      return outcomeOf(yield* stack.evict(mirror, task, range));
    case "device_advise": {
      const verb = stack.advise?.(mirror, task, range, adviceOf(machine, step));
      return outcomeOf(verb === undefined ? -EOPNOTSUPP : yield* verb);
    }
    case "request_migration": {
      const to = stackOf(machine.devices[machine.deviceNames.indexOf(step.to)]);
      if (to === null) return outcomeOf(-EOPNOTSUPP);
      const verb = to.pullFor?.(stack, to.open(task.mm), task, range);
      return outcomeOf(verb === undefined ? -EOPNOTSUPP : yield* verb);
    }
    default:
      return outcomeOf(-EOPNOTSUPP);
  }
}

/** A fault buffer, read by the driver once. */
function* serveBuffer(
  { stack, mirror }: OpenDevice,
  task: TaskStruct,
  { entries }: StepOf<"device_faults">,
  { start }: PlannedStep,
): Verb<StepOutcome> {
  const faults = entries.map(({ page, access: kind }) => ({ page: start + page, access: kind }));
  const verb = stack.faultBatch?.(mirror, task, faults);
  const rcs = yield* verb ?? serveEach({ stack, mirror }, task, faults);
  return { ...outcomeOf(rcs.find((rc) => rc !== 0) ?? 0), faults: faults.length };
}

/** Entry after entry, as drivers do that take one fault at a time. */
function* serveEach(
  { stack, mirror }: OpenDevice,
  task: TaskStruct,
  faults: readonly DeviceFault[],
): Verb<readonly number[]> {
  const rcs: number[] = [];
  for (const { page, access: kind } of faults) {
    if (kind === "prefetch") {
      const verb = stack.prefetchFault?.(mirror, task, page);
      rcs.push(verb === undefined ? -EOPNOTSUPP : yield* verb);
    } else rcs.push(yield* stack.fault(mirror, task, page, kind));
  }
  return rcs;
}

/** An access at addresses that another device has. */
function borrow(
  machine: ScenarioMachine,
  stack: DeviceStack,
  { mm }: TaskStruct,
  step: StepOf<"device_read" | "device_write">,
  planned: PlannedStep,
): StepOutcome {
  const lender = stackOf(machine.devices[machine.deviceNames.indexOf(step.address_of ?? "")]);
  if (lender === null) return outcomeOf(-EOPNOTSUPP);
  const { start, nrPages } = planned;
  const isRead = step.do === "device_read";
  const done = accessBorrowedAddress(stack, lender.open(mm), {
    start,
    nrPages,
    access: isRead ? "read" : "write",
    value: isRead ? 0 : (step.value ?? defaultValue(planned, start)),
  });
  return { ...outcomeOf(done.rc), pages: done.nrDone, ...(isRead ? { values: done.values } : {}) };
}

function* access(
  { stack, mirror }: OpenDevice,
  task: TaskStruct,
  planned: PlannedStep,
  kind: DeviceAccessKind,
  value?: number,
): Verb<StepOutcome> {
  const { start, nrPages } = planned;
  const values: number[] = [];
  let faults = 0;
  // A value of its own for each page, unless the step gives one for all.
  const step = value === undefined && kind !== "read" ? 1 : nrPages;
  for (let at = 0; at < nrPages; at += step) {
    const request = {
      start: start + at,
      nrPages: step,
      access: kind,
      value: value ?? defaultValue(planned, start + at),
    };
    const done = yield* deviceAccess(stack, mirror, task, request);
    faults += done.nrFaults;
    values.push(...done.values);
    if (done.rc !== 0) return { ...outcomeOf(done.rc), pages: at + done.nrDone, faults };
  }
  return { result: "ok", pages: nrPages, faults, ...(kind === "read" ? { values } : {}) };
}

const MIGRATION_POLICIES = { all: "all", only_system: "onlySystem" } as const;

function adviceOf(machine: ScenarioMachine, step: StepOf<"device_advise">): DeviceAdvice {
  const { preferred_location: place, access: right, atomic, migration_policy: policy } = step;
  const isWord = place === "default" || place === "system";
  const device = machine.system?.machine.devices.find(({ name }) => name === place);
  const preferredLocation = isWord ? place : device;
  return {
    ...(preferredLocation === undefined ? {} : { preferredLocation }),
    ...(right === undefined ? {} : { access: right }),
    ...(step.set_flags === undefined ? {} : { setFlags: step.set_flags }),
    ...(step.clr_flags === undefined ? {} : { clrFlags: step.clr_flags }),
    ...(step.granularity === undefined ? {} : { granularity: step.granularity }),
    ...(atomic === undefined ? {} : { atomic }),
    ...(policy === undefined ? {} : { migrationPolicy: MIGRATION_POLICIES[policy] }),
    ...(step.pat_index === undefined ? {} : { patIndex: step.pat_index }),
    ...(step.purgeable === undefined ? {} : { purgeable: step.purgeable }),
    ...(step.accessed_by === undefined ? {} : { accessedBy: step.accessed_by }),
    ...(step.flush === undefined ? {} : { flush: step.flush }),
    ...(step.prefetch === undefined ? {} : { prefetch: step.prefetch }),
    ...(step.read_mostly === undefined ? {} : { readMostly: step.read_mostly }),
  };
}
