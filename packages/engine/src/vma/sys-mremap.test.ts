import {
  EFAULT,
  EINVAL,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_NONE,
  LEAF_TABLE,
  leafKind,
  MMU_NOTIFY_UNMAP,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_UFFD_WP,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { isPmdLeaf } from "../thp/split-pmd.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "./prot.ts";
import { sysMlock } from "./sys-mlock.ts";
import { sysMmap } from "./sys-mmap.ts";
import { sysMremap } from "./sys-mremap.ts";

const RW = PROT_READ | PROT_WRITE;

interface Fixture {
  readonly world: World;
  readonly task: TaskStruct;
  readonly log: string[];
  readonly mmap: (start: number, nrPages: number, prot?: number) => void;
  readonly move: (old: number, nrPages: number, newStart: number, dontunmap?: boolean) => number;
  readonly resize: (old: number, oldPages: number, newPages: number, newStart: number) => number;
}

function setUp(): Fixture {
  const world = new World();
  const task = world.createTask(0);
  const log: string[] = [];
  const subscriptions = new MmuNotifierSubscriptions();
  task.mm.notifierSubscriptions = subscriptions;
  subscriptions.insert(
    new MmuIntervalNotifier(task.mm, 0, 2 ** 40, (_, range) => {
      log.push(`${range.event} ${range.start} ${range.end}`);
    }),
  );
  return {
    world,
    task,
    log,
    mmap: (start, nrPages, prot = RW) => {
      runToCompletion(sysMmap(world, task, { start, nrPages, prot, shared: false }));
    },
    move: (old, nrPages, newStart, dontunmap = false) =>
      runToCompletion(sysMremap(world, task, old, nrPages, nrPages, newStart, { dontunmap })),
    resize: (...args) => runToCompletion(sysMremap(world, task, ...args, { dontunmap: false })),
  };
}

/** Start, length and offset of each VMA. */
function layout(task: TaskStruct): number[][] {
  return task.mm.vmas.map((vma) => [vma.vmStart, vma.nrPages, vma.vmPgoff]);
}

describe("sysMremap: VMAs", () => {
  test("memory without pages takes the offset of its new place and merges there", () => {
    const { task, mmap, move } = setUp();
    mmap(100, 10);
    mmap(200, 10);
    expect(move(200, 10, 110)).toBe(110);
    expect(layout(task)).toEqual([[100, 20, 100]]);
  });

  test("memory with pages keeps its offset and does not merge", () => {
    const { world, task, mmap, move } = setUp();
    mmap(100, 10);
    mmap(200, 10);
    expect(cpuAccess(world, task, 205, true)).toBe(0);
    expect(move(200, 10, 110)).toBe(110);
    expect(layout(task)).toEqual([
      [100, 10, 100],
      [110, 10, 200],
    ]);
  });

  test("a call may move several VMAs and gaps, but starts in a VMA", () => {
    const { task, mmap, move } = setUp();
    mmap(100, 4);
    mmap(106, 4, PROT_READ);
    expect(move(98, 10, 300)).toBe(-EFAULT);
    expect(move(100, 20, 300)).toBe(300);
    expect(layout(task)).toEqual([
      [300, 4, 300],
      [306, 4, 306],
    ]);
  });

  test("refuses ranges that overlap and a resized range of several VMAs", () => {
    const { mmap, move, resize } = setUp();
    mmap(100, 4);
    mmap(104, 4, PROT_READ);
    expect(move(100, 4, 102)).toBe(-EINVAL);
    expect(resize(100, 8, 16, 300)).toBe(-EFAULT);
    expect(resize(100, 8, 6, 300)).toBe(-EFAULT);
    expect(resize(100, 8, 3, 300)).toBe(300);
  });

  test("MREMAP_DONTUNMAP leaves the source apart, empty and without its anon_vma", () => {
    const { world, task, mmap, move } = setUp();
    mmap(100, 10);
    expect(move(100, 10, 110, true)).toBe(110);
    expect(layout(task)).toEqual([
      [100, 10, 100],
      [110, 10, 110],
    ]);
    expect(cpuAccess(world, task, 115, true)).toBe(0);
    expect(move(110, 10, 300, true)).toBe(300);
    expect(task.mm.vmas.map((vma) => vma.anonVma === null)).toEqual([true, true, false]);
    expect(task.mm.pageTable.bits(115)).toBe(LEAF_NONE);
  });

  test("MREMAP_DONTUNMAP unlocks exactly the range that was moved", () => {
    const { world, task, mmap, move } = setUp();
    mmap(100, 10);
    expect(runToCompletion(sysMlock(world, task, 100, 10))).toBe(0);
    expect(move(102, 2, 300, true)).toBe(300);
    const locked = task.mm.vmas.map((vma) => [vma.vmStart, vma.nrPages, vma.has(VM_LOCKED)]);
    expect(locked).toEqual([
      [100, 2, true],
      [102, 2, false],
      [104, 6, true],
      [300, 2, true],
    ]);
  });

  test("a locked mapping that grows is populated", () => {
    const { world, task, mmap, resize } = setUp();
    mmap(100, 4);
    expect(runToCompletion(sysMlock(world, task, 100, 4))).toBe(0);
    expect(resize(100, 4, 8, 300)).toBe(300);
    expect(task.mm.pageTable.bits(307)).not.toBe(LEAF_NONE);
  });

  test("a monitor does not follow its memory, nor does write protection", () => {
    const { world, task, mmap, move } = setUp();
    mmap(100, 4);
    expect(cpuAccess(world, task, 100, true)).toBe(0);
    const ctx: UserfaultfdCtx = {
      id: 1,
      featureSigbus: true,
      featureWpAsync: false,
      featureWpUnpopulated: true,
      released: false,
    };
    const vma = task.mm.vmaAt(100) as VmAreaStruct;
    vma.uffdCtx = ctx;
    vma.vmFlags |= VM_UFFD_WP;
    expect(move(100, 4, 300)).toBe(300);
    const moved = task.mm.vmaAt(300) as VmAreaStruct;
    expect(moved.uffdCtx).toBeNull();
    expect(moved.has(VM_UFFD_WP)).toBe(false);
  });
});

describe("sysMremap: page tables", () => {
  test("moves entries of any kind as they are and announces both ends of the work", () => {
    const { world, task, log, mmap, move } = setUp();
    mmap(100, 10);
    expect(cpuAccess(world, task, 103, true)).toBe(0);
    const { pageTable } = task.mm;
    const pfn = pageTable.val(103);
    pageTable.set(103, LEAF_DEVICE_EXCLUSIVE, pfn);
    expect(move(100, 10, 1301)).toBe(1301);
    expect([pageTable.bits(1304), pageTable.val(1304)]).toEqual([LEAF_DEVICE_EXCLUSIVE, pfn]);
    expect(log).toEqual([`${MMU_NOTIFY_UNMAP} 100 110`, `${MMU_NOTIFY_UNMAP} 100 110`]);
  });

  test("moves a huge page whole between aligned places and splits it otherwise", () => {
    const { world, task, mmap, move } = setUp();
    mmap(512, 512);
    (task.mm.vmaAt(512) as VmAreaStruct).vmFlags |= VM_HUGEPAGE;
    expect(cpuAccess(world, task, 512, true)).toBe(0);
    const { pageTable } = task.mm;
    const head = pageTable.slotVal(512);
    expect(move(512, 512, 2048)).toBe(2048);
    expect([isPmdLeaf(pageTable.slotBits(2048)), pageTable.slotVal(2048)]).toEqual([true, head]);
    expect(move(2048, 512, 4100)).toBe(4100);
    expect(leafKind(pageTable.slotBits(4100))).toBe(LEAF_TABLE);
    expect(pageTable.val(4100 + 511)).toBe(head + 511);
  });

  test("starts at the block where both ranges begin in an otherwise empty block", () => {
    const { world, task, log, mmap, move } = setUp();
    mmap(600, 1000);
    expect(cpuAccess(world, task, 700, true)).toBe(0);
    const table = task.mm.pageTable.leafTable(700);
    expect(move(600, 1000, 5720)).toBe(5720);
    expect(task.mm.pageTable.leafTable(5820)).toBe(table);
    expect(log[0]).toBe(`${MMU_NOTIFY_UNMAP} 512 1600`);
  });
});
