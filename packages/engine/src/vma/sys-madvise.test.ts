import {
  EINVAL,
  ENOMEM,
  LEAF_NONE,
  LEAF_TABLE,
  MMU_NOTIFY_CLEAR,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_DONTCOPY,
  VM_HUGEPAGE,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_WIPEONFORK,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { runToCompletion } from "../verb.ts";
import * as advice from "./madvise-advice.ts";
import type { MadviseAdvice } from "./madvise-advice.ts";
import { PROT_NONE, PROT_READ, PROT_WRITE } from "./prot.ts";
import { sysMadvise } from "./sys-madvise.ts";
import { sysMlock, sysMunlock } from "./sys-mlock.ts";
import { type MmapRequest, sysMmap } from "./sys-mmap.ts";

interface Fixture {
  readonly world: World;
  readonly task: TaskStruct;
  readonly log: string[];
  readonly mmap: (start: number, nrPages: number, more?: Partial<MmapRequest>) => void;
  readonly madvise: (start: number, nrPages: number, advice: MadviseAdvice) => number;
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
  const prot = PROT_READ | PROT_WRITE;
  return {
    world,
    task,
    log,
    mmap: (start, nrPages, more) => {
      const request = { start, nrPages, prot, shared: false, ...more };
      expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
    },
    madvise: (...args) => runToCompletion(sysMadvise(world, task, ...args)),
  };
}

describe("sysMadvise", () => {
  test.each<[MadviseAdvice, number, MadviseAdvice, number]>([
    [advice.MADV_DONTFORK, VM_DONTCOPY, advice.MADV_DOFORK, 0],
    [advice.MADV_WIPEONFORK, VM_WIPEONFORK, advice.MADV_KEEPONFORK, 0],
    [advice.MADV_HUGEPAGE, VM_HUGEPAGE, advice.MADV_NOHUGEPAGE, VM_NOHUGEPAGE],
    [advice.MADV_RANDOM, VM_RAND_READ, advice.MADV_SEQUENTIAL, VM_SEQ_READ],
    [advice.MADV_SEQUENTIAL, VM_SEQ_READ, advice.MADV_NORMAL, 0],
  ])("%s sets a flag that %s replaces", (first, set, second, left) => {
    const { task, mmap, madvise } = setUp();
    mmap(100, 30);
    const before = task.mm.vmaAt(110)?.vmFlags ?? 0;
    expect(madvise(110, 10, first)).toBe(0);
    expect(task.mm.vmas.map((vma) => vma.vmFlags ^ before)).toEqual([0, set, 0]);
    expect(madvise(110, 10, second)).toBe(0);
    expect((task.mm.vmaAt(110)?.vmFlags ?? 0) ^ before).toBe(left);
    expect(task.mm.vmas).toHaveLength(left === 0 ? 1 : 3);
  });

  test("goes on behind a hole and reports it", () => {
    const { task, mmap, madvise } = setUp();
    mmap(100, 10);
    mmap(120, 10);
    expect(madvise(95, 30, advice.MADV_DONTFORK)).toBe(-ENOMEM);
    expect(task.mm.vmas.map((vma) => [vma.vmStart, vma.has(VM_DONTCOPY)])).toEqual([
      [100, true],
      [120, true],
      [125, false],
    ]);
    expect(madvise(200, 10, advice.MADV_DONTFORK)).toBe(-ENOMEM);
    expect(madvise(200, 0, advice.MADV_DONTFORK)).toBe(0);
  });

  test("stops at the first VMA that refuses", () => {
    const { task, mmap, madvise } = setUp();
    mmap(100, 10);
    mmap(110, 10, { shared: true });
    mmap(120, 10);
    expect(madvise(100, 30, advice.MADV_WIPEONFORK)).toBe(-EINVAL);
    expect(task.mm.vmas.map((vma) => vma.has(VM_WIPEONFORK))).toEqual([true, false, false]);
  });

  test("MADV_DONTNEED drops pages and frees a table that it covers whole", () => {
    const { world, task, log, mmap, madvise } = setUp();
    mmap(512, 1024);
    expect(cpuAccess(world, task, 600, true)).toBe(0);
    expect(cpuAccess(world, task, 900, true)).toBe(0);
    expect(madvise(512, 256, advice.MADV_DONTNEED)).toBe(0);
    expect(madvise(768, 256, advice.MADV_DONTNEED)).toBe(0);
    expect(task.mm.pageTable.bits(900)).toBe(LEAF_NONE);
    expect(task.mm.pageTable.slotBits(512)).toBe(LEAF_TABLE);
    expect(madvise(512, 512, advice.MADV_DONTNEED)).toBe(0);
    expect(task.mm.pageTable.slotBits(512)).toBe(LEAF_NONE);
    expect(log).toEqual([
      `${MMU_NOTIFY_CLEAR} 512 768`,
      `${MMU_NOTIFY_CLEAR} 768 1024`,
      `${MMU_NOTIFY_CLEAR} 512 1024`,
    ]);
  });

  test("MADV_DONTNEED spares locked memory, MADV_DONTNEED_LOCKED does not", () => {
    const { world, task, mmap, madvise } = setUp();
    mmap(100, 10);
    expect(runToCompletion(sysMlock(world, task, 100, 10))).toBe(0);
    expect(madvise(100, 10, advice.MADV_DONTNEED)).toBe(-EINVAL);
    expect(task.mm.pageTable.bits(105)).not.toBe(LEAF_NONE);
    expect(madvise(100, 10, advice.MADV_DONTNEED_LOCKED)).toBe(0);
    expect(task.mm.pageTable.bits(105)).toBe(LEAF_NONE);
  });

  test("MADV_POPULATE_* faults pages in and knows what a VMA forbids", () => {
    const { task, mmap, madvise } = setUp();
    mmap(100, 10);
    mmap(110, 10, { prot: PROT_READ });
    expect(madvise(100, 20, advice.MADV_POPULATE_READ)).toBe(0);
    expect(task.mm.pageTable.bits(119)).not.toBe(LEAF_NONE);
    expect(madvise(100, 20, advice.MADV_POPULATE_WRITE)).toBe(-EINVAL);
    expect(madvise(100, 30, advice.MADV_POPULATE_READ)).toBe(-ENOMEM);
  });
});

describe("sysMlock", () => {
  test("splits, populates, and merges again when unlocked", () => {
    const { world, task, mmap } = setUp();
    mmap(100, 30);
    expect(runToCompletion(sysMlock(world, task, 110, 10))).toBe(0);
    expect(task.mm.vmas.map((vma) => vma.vmStart)).toEqual([100, 110, 120]);
    expect(task.mm.pageTable.bits(119)).not.toBe(LEAF_NONE);
    expect(task.mm.pageTable.bits(120)).toBe(LEAF_NONE);
    expect(runToCompletion(sysMunlock(world, task, 100, 30))).toBe(0);
    expect(task.mm.vmas).toHaveLength(1);
  });

  test("fails at a hole and where nothing may be accessed, and leaves what it locked", () => {
    const { world, task, mmap } = setUp();
    mmap(100, 10);
    mmap(110, 10, { prot: PROT_NONE });
    expect(runToCompletion(sysMlock(world, task, 105, 10))).toBe(-ENOMEM);
    expect(task.mm.vmas.map((vma) => vma.vmStart)).toEqual([100, 105, 110, 115]);
    expect(runToCompletion(sysMlock(world, task, 90, 10))).toBe(-ENOMEM);
    expect(runToCompletion(sysMunlock(world, task, 100, 30))).toBe(-ENOMEM);
    expect(task.mm.vmas.map((vma) => vma.vmStart)).toEqual([100, 110]);
  });
});
