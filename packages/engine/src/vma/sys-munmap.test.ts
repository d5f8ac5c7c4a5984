import {
  LEAF_NONE,
  LEAF_TABLE,
  MMU_NOTIFY_CLEAR,
  MMU_NOTIFY_UNMAP,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_HUGEPAGE,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "./prot.ts";
import { sysMmap } from "./sys-mmap.ts";
import { sysMunmap } from "./sys-munmap.ts";

function setUp(start: number, nrPages: number): { world: World; task: TaskStruct; log: string[] } {
  const world = new World();
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start, nrPages, prot, shared: false }));
  const log: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  task.mm.notifierSubscriptions = subscriptions;
  subscriptions.insert(
    new MmuIntervalNotifier(task.mm, 0, 2 ** 40, (_, range) => {
      log.push(`${range.event} ${range.start} ${range.end}`);
    }),
  );
  return { world, task, log };
}

function munmap(world: World, task: TaskStruct, start: number, nrPages: number): number {
  return runToCompletion(sysMunmap(world, task, start, nrPages));
}

describe("sysMunmap", () => {
  test("frees pages, VMAs and page tables, and says what it unmapped", () => {
    const { world, task, log } = setUp(100, 20);
    const [buddy] = world.buddies;
    const nrFree = buddy?.nrFree;
    for (let page = 100; page < 120; page++) expect(cpuAccess(world, task, page, true)).toBe(0);
    expect(munmap(world, task, 100, 20)).toBe(0);
    expect(task.mm.vmas).toEqual([]);
    expect(task.mm.pageTable.slotBits(100)).toBe(LEAF_NONE);
    expect(buddy?.nrFree).toBe(nrFree);
    expect(log).toEqual([`${MMU_NOTIFY_UNMAP} 100 120`]);
  });

  test("keeps a page table that a neighbour still needs", () => {
    const { world, task } = setUp(100, 20);
    expect(cpuAccess(world, task, 105, true)).toBe(0);
    expect(munmap(world, task, 100, 10)).toBe(0);
    expect(task.mm.pageTable.slotBits(100)).toBe(LEAF_TABLE);
    expect(task.mm.pageTable.bits(105)).toBe(LEAF_NONE);
    expect(munmap(world, task, 110, 10)).toBe(0);
    expect(task.mm.pageTable.slotBits(100)).toBe(LEAF_NONE);
  });

  test("splits the huge page at its boundary and keeps the folio", () => {
    const { world, task, log } = setUp(512, 512);
    (task.mm.vmaAt(512) as VmAreaStruct).vmFlags |= VM_HUGEPAGE;
    expect(cpuAccess(world, task, 512, true)).toBe(0);
    const head = task.mm.pageTable.slotVal(512);
    expect(munmap(world, task, 612, 1000)).toBe(0);
    expect(task.mm.pageTable.val(512)).toBe(head);
    expect(world.frames.order(head)).toBe(world.geometry.pmdOrder);
    expect(log).toEqual([`${MMU_NOTIFY_CLEAR} 512 1024`, `${MMU_NOTIFY_UNMAP} 612 1612`]);
  });

  test("does nothing where nothing is mapped and refuses an empty range", () => {
    const { world, task, log } = setUp(100, 20);
    expect(munmap(world, task, 200, 50)).toBe(0);
    expect(munmap(world, task, 100, 0)).toBeLessThan(0);
    expect(task.mm.vmas).toHaveLength(1);
    expect(log).toEqual([]);
  });
});
