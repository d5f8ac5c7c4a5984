import {
  MMU_NOTIFY_CLEAR,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_DONTCOPY,
  VM_MAYBE_GUARD,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "./prot.ts";
import { sysMmap } from "./sys-mmap.ts";
import { vmaModify } from "./vma-modify.ts";

/** A process with one writable mapping, and the events its mm raises. */
function setUp(start: number, nrPages: number): { world: World; task: TaskStruct; log: string[] } {
  const world = new World();
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start, nrPages, prot, shared: false }));
  const log: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  task.mm.notifierSubscriptions = subscriptions;
  subscriptions.insert(
    new MmuIntervalNotifier(task.mm, 0, 2 ** 40, (_, { event, start: from, end }) => {
      log.push(`${event} ${from} ${end}`);
    }),
  );
  return { world, task, log };
}

function layout(task: TaskStruct): number[][] {
  return task.mm.vmas.map((vma) => [vma.vmStart, vma.nrPages]);
}

function modify(world: World, task: TaskStruct, start: number, end: number, bit: number): void {
  const vma = task.mm.vmaAt(start) as VmAreaStruct;
  const changed = vmaModify(world, vma, start, end, { flags: vma.vmFlags ^ bit });
  expect(typeof changed).toBe("object");
}

describe("vmaModify", () => {
  test("splits off the middle and merges everything back", () => {
    const { world, task } = setUp(100, 30);
    modify(world, task, 110, 120, VM_DONTCOPY);
    expect(layout(task)).toEqual([
      [100, 10],
      [110, 10],
      [120, 10],
    ]);
    modify(world, task, 110, 120, VM_DONTCOPY);
    expect(layout(task)).toEqual([[100, 30]]);
  });

  test("moves a boundary between two VMAs in both directions", () => {
    const { world, task } = setUp(100, 30);
    modify(world, task, 120, 130, VM_DONTCOPY);
    modify(world, task, 115, 120, VM_DONTCOPY);
    expect(layout(task)).toEqual([
      [100, 15],
      [115, 15],
    ]);
    modify(world, task, 115, 125, VM_DONTCOPY);
    expect(layout(task)).toEqual([
      [100, 25],
      [125, 5],
    ]);
    expect(task.mm.vmas.map((vma) => vma.vmPgoff)).toEqual([100, 125]);
  });

  test("a merged VMA may have guard regions when one of its parts may", () => {
    const { world, task } = setUp(100, 20);
    modify(world, task, 110, 120, VM_DONTCOPY);
    (task.mm.vmaAt(110) as VmAreaStruct).vmFlags |= VM_MAYBE_GUARD;
    modify(world, task, 110, 120, VM_DONTCOPY);
    expect(layout(task)).toEqual([[100, 20]]);
    expect(task.mm.vmaAt(100)?.has(VM_MAYBE_GUARD)).toBe(true);
  });

  test("a boundary inside a covered block announces the whole block", () => {
    const { world, task, log } = setUp(0, 1024);
    modify(world, task, 512, 600, VM_DONTCOPY);
    expect(log).toEqual([]);
    modify(world, task, 512, 600, VM_DONTCOPY);
    expect(cpuAccess(world, task, 700, true)).toBe(0);
    modify(world, task, 512, 600, VM_DONTCOPY);
    expect(log).toEqual([`${MMU_NOTIFY_CLEAR} 512 1024`]);
  });

  test("keeps the anon_vma of both halves and joins them to one again", () => {
    const { world, task } = setUp(100, 20);
    expect(cpuAccess(world, task, 105, true)).toBe(0);
    const { anonVma } = task.mm.vmaAt(105) as VmAreaStruct;
    modify(world, task, 110, 120, VM_DONTCOPY);
    expect(task.mm.vmas.map((vma) => vma.anonVma)).toEqual([anonVma, anonVma]);
    expect(anonVma?.chain).toHaveLength(2);
    modify(world, task, 110, 120, VM_DONTCOPY);
    expect(anonVma?.chain).toHaveLength(1);
    expect(anonVma?.numActiveVmas).toBe(1);
  });
});
