import {
  ENOMEM,
  FRAME_ANON_EXCLUSIVE,
  LEAF_WRITE,
  MMU_NOTIFY_CLEAR,
  MMU_NOTIFY_PROTECTION_VMA,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_ACCOUNT,
  VM_HUGEPAGE,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "./prot.ts";
import { sysMmap } from "./sys-mmap.ts";
import { sysMprotect } from "./sys-mprotect.ts";

const RW = PROT_READ | PROT_WRITE;

interface Fixture {
  readonly world: World;
  readonly task: TaskStruct;
  readonly log: string[];
  readonly mprotect: (start: number, nrPages: number, prot: number) => number;
}

function setUp(start: number, nrPages: number, prot = RW): Fixture {
  const world = new World();
  const task = world.createTask(0);
  runToCompletion(sysMmap(world, task, { start, nrPages, prot, shared: false }));
  const log: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  task.mm.notifierSubscriptions = subscriptions;
  subscriptions.insert(
    new MmuIntervalNotifier(task.mm, 0, 2 ** 40, (_, range) => {
      log.push(`${range.event} ${range.start} ${range.end}`);
    }),
  );
  const mprotect: Fixture["mprotect"] = (...args) =>
    runToCompletion(sysMprotect(world, task, ...args));
  return { world, task, log, mprotect };
}

function isWritable(task: TaskStruct, page: number): boolean {
  return (task.mm.pageTable.bits(page) & LEAF_WRITE) !== 0;
}

describe("sysMprotect", () => {
  test("takes write access away and gives it back to exclusive pages at once", () => {
    const { world, task, mprotect } = setUp(100, 4);
    expect(cpuAccess(world, task, 100, true)).toBe(0);
    expect(cpuAccess(world, task, 101, true)).toBe(0);
    expect(cpuAccess(world, task, 102, false)).toBe(0);
    expect(mprotect(100, 4, PROT_READ)).toBe(0);
    expect(isWritable(task, 100)).toBe(false);
    world.frames.clearFlags(task.mm.pageTable.val(101), FRAME_ANON_EXCLUSIVE);
    expect(mprotect(100, 4, RW)).toBe(0);
    expect([100, 101, 102].map((page) => isWritable(task, page))).toEqual([true, false, false]);
  });

  test("is silent when the rights stay, or where no page table exists", () => {
    const { world, task, log, mprotect } = setUp(100, 20);
    expect(mprotect(100, 10, PROT_READ)).toBe(0);
    expect(log).toEqual([]);
    expect(cpuAccess(world, task, 105, false)).toBe(0);
    expect(mprotect(100, 10, PROT_READ)).toBe(0);
    expect(log).toEqual([]);
    expect(mprotect(100, 10, RW)).toBe(0);
    expect(log).toEqual([`${MMU_NOTIFY_PROTECTION_VMA} 100 110`]);
  });

  test("announces changes from the first area with page tables on", () => {
    const { world, task, log, mprotect } = setUp(0, 2 ** 19);
    expect(cpuAccess(world, task, 2 ** 18 + 5, true)).toBe(0);
    expect(mprotect(0, 2 ** 19, PROT_READ)).toBe(0);
    expect(log).toEqual([`${MMU_NOTIFY_PROTECTION_VMA} ${2 ** 18} ${2 ** 19}`]);
  });

  test("splits a huge page that it covers in part", () => {
    const { world, task, log, mprotect } = setUp(512, 512);
    (task.mm.vmaAt(512) as VmAreaStruct).vmFlags |= VM_HUGEPAGE;
    expect(cpuAccess(world, task, 512, true)).toBe(0);
    expect(mprotect(512, 512, PROT_READ)).toBe(0);
    expect(mprotect(512, 100, RW)).toBe(0);
    expect(isWritable(task, 611)).toBe(true);
    expect(isWritable(task, 612)).toBe(false);
    expect(log).toContain(`${MMU_NOTIFY_CLEAR} 512 1024`);
  });

  test("stops at a hole after the part before it", () => {
    const { task, mprotect } = setUp(100, 10);
    expect(mprotect(105, 10, PROT_READ)).toBe(-ENOMEM);
    expect(task.mm.vmas.map((vma) => vma.vmStart)).toEqual([100, 105]);
    expect(mprotect(95, 10, PROT_READ)).toBe(-ENOMEM);
    expect(task.mm.vmas.map((vma) => vma.vmStart)).toEqual([100, 105]);
  });

  test("accounts memory once it is writable, which keeps it apart from what never was", () => {
    const { world, task, mprotect } = setUp(100, 10);
    expect(cpuAccess(world, task, 100, true)).toBe(0);
    expect(mprotect(100, 10, PROT_READ)).toBe(0);
    const prot = PROT_READ;
    runToCompletion(sysMmap(world, task, { start: 110, nrPages: 10, prot, shared: false }));
    expect(task.mm.vmas.map((vma) => vma.has(VM_ACCOUNT))).toEqual([true, false]);
    expect(mprotect(110, 10, RW)).toBe(0);
    expect(mprotect(110, 10, PROT_READ)).toBe(0);
    expect(task.mm.vmas.map((vma) => vma.has(VM_ACCOUNT))).toEqual([true, false]);
  });
});
