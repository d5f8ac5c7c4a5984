// Commands of the test driver. They act on the address space of whoever opened the device.

import type { World } from "@faultline/core";
import type { TaskStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import {
  createDmirrorCmd,
  type Dmirror,
  dmirrorCheckAtomic,
  dmirrorClose,
  type DmirrorCmd,
  dmirrorExclusive,
  dmirrorMigrateToDevice,
  dmirrorMigrateToSystem,
  dmirrorOpen,
  dmirrorRead,
  dmirrorRelease,
  dmirrorSetFlags,
  dmirrorSnapshot,
  dmirrorWrite,
} from "@faultline/stacks";
import type { OpOutcome } from "../kernel-under-test.ts";
import type { DeviceRangeArguments } from "../operation.ts";
import {
  constantToken,
  type OpHandlers,
  type OpScene,
  outcomeOf,
  tokenOf,
  windowPage,
} from "./op-handler.ts";

const NO_DESCRIPTOR: OpOutcome = { e: "EBADF" };

type Command = (world: World, task: TaskStruct, file: Dmirror, cmd: DmirrorCmd) => Verb;

/** What else a successful command reports besides its result. */
type Extra = "nothing" | "counters" | "data";

function command(
  scene: OpScene,
  op: DeviceRangeArguments,
  run: Command,
  extra: Extra,
  data?: (page: number) => number,
): OpOutcome {
  const file = scene.process.deviceFile(op.device);
  if (file === null) return NO_DESCRIPTOR;
  const { machine, task } = scene;
  const cmd = createDmirrorCmd(windowPage(op.start), op.len);
  if (data !== undefined) cmd.data.forEach((_, i) => (cmd.data[i] = data(op.start + i)));
  const result = machine.run(run(machine.world, task, file, cmd));
  if (result !== 0 || extra === "nothing") return outcomeOf(result);
  const counters = { r: 0, cp: cmd.cpages, fl: cmd.faults };
  return extra === "data" ? { ...counters, t: Array.from(cmd.data) } : counters;
}

export const DEVICE_OPERATIONS: OpHandlers<
  | "open"
  | "close"
  | "dread"
  | "dwrite"
  | "dwc"
  | "todev"
  | "tosys"
  | "excl"
  | "chkexcl"
  | "snap"
  | "flags"
  | "reldev"
> = {
  open: ({ machine, process, task }, op) => {
    const device = machine.devices[op.device];
    if (device === undefined) return { e: "ENOENT" };
    process.addDeviceFile(dmirrorOpen(machine.world, device, task.mm));
    return { r: 0 };
  },
  close: ({ machine, process, task }, op) => {
    const file = process.deviceFile(op.device);
    if (file === null) return NO_DESCRIPTOR;
    process.removeDeviceFile(file);
    return outcomeOf(dmirrorClose(machine.world, task, file));
  },
  dread: (scene, op) => command(scene, op, dmirrorRead, "data"),
  dwrite: (scene, op) =>
    command(scene, op, dmirrorWrite, "counters", (page) => tokenOf(scene.opIndex, page)),
  dwc: (scene, op) => command(scene, op, dmirrorWrite, "counters", () => constantToken(op.value)),
  todev: (scene, op) => command(scene, op, dmirrorMigrateToDevice, "data"),
  tosys: (scene, op) => command(scene, op, dmirrorMigrateToSystem, "counters"),
  excl: (scene, op) => command(scene, op, dmirrorExclusive, "data"),
  chkexcl: ({ process }, op) => {
    const file = process.deviceFile(op.device);
    if (file === null) return NO_DESCRIPTOR;
    return outcomeOf(dmirrorCheckAtomic(file, createDmirrorCmd(windowPage(op.start), op.len)));
  },
  snap: ({ machine, process, task }, op) => {
    const file = process.deviceFile(op.device);
    if (file === null) return NO_DESCRIPTOR;
    const snap = new Uint8Array(op.len);
    const start = windowPage(op.start);
    const result = dmirrorSnapshot(machine.world, task, file, start, op.len, snap);
    return result === 0 ? { r: 0, cp: op.len, fl: 0, snap } : outcomeOf(result);
  },
  flags: ({ process }, op) => {
    const file = process.deviceFile(op.device);
    if (file === null) return NO_DESCRIPTOR;
    return outcomeOf(dmirrorSetFlags(file, { nrPages: op.value }));
  },
  reldev: ({ machine, process, task }, op) => {
    const file = process.deviceFile(op.device);
    if (file === null) return NO_DESCRIPTOR;
    return outcomeOf(machine.run(dmirrorRelease(machine.world, task, file)));
  },
};
