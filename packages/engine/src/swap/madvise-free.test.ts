import {
  EINVAL,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  leafKind,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  type TaskStruct,
  VM_HUGEPAGE,
  VM_LOCKED,
  type VmAreaStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent, writePageContent } from "../fault/page-content.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { madviseColdOrPageoutRange } from "./madvise-cold.ts";
import { madviseFreeRange } from "./madvise-free.ts";

const START = 0x1000;

interface Machine {
  readonly world: World;
  readonly task: TaskStruct;
  readonly vma: VmAreaStruct;
}

function setUp(nrPages: number, shared = false): Machine {
  const world = new World({ nrSwapPages: 4096 });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared }));
  return { world, task, vma: task.mm.vmaAt(START) as VmAreaStruct };
}

function write({ world, task }: Machine, page: number, token: number): void {
  expect(cpuAccess(world, task, START + page, true)).toBe(0);
  writePageContent(world, task.mm, START + page, token);
}

function read({ world, task }: Machine, page: number): number {
  expect(cpuAccess(world, task, START + page, false)).toBe(0);
  return readPageContent(world, task.mm, START + page);
}

function free(machine: Machine, from: number, to: number): number {
  const { world, task, vma } = machine;
  return runToCompletion(madviseFreeRange(world, task, vma, START + from, START + to));
}

function pageout(machine: Machine, from: number, to: number): void {
  const { world, task, vma } = machine;
  runToCompletion(madviseColdOrPageoutRange(world, task, vma, START + from, START + to, true));
}

function kindAt({ task }: Machine, page: number): number {
  return leafKind(task.mm.pageTable.bits(START + page));
}

describe("MADV_FREE", () => {
  test("keeps the content until reclaim, which drops it", () => {
    const machine = setUp(4);
    write(machine, 0, 5);
    expect(free(machine, 0, 4)).toBe(0);
    expect(machine.task.mm.pageTable.bits(START) & LEAF_DIRTY).toBe(0);
    expect(read(machine, 0)).toBe(5);
    pageout(machine, 0, 4);
    expect(kindAt(machine, 0)).toBe(LEAF_NONE);
    expect(read(machine, 0)).toBe(0);
  });

  test("a page written again survives the first reclaim and is swapped by the second", () => {
    const machine = setUp(4);
    write(machine, 0, 5);
    free(machine, 0, 4);
    write(machine, 0, 6);
    pageout(machine, 0, 4);
    expect(kindAt(machine, 0)).toBe(LEAF_PRESENT);
    pageout(machine, 0, 4);
    expect(kindAt(machine, 0)).toBe(LEAF_SWAP);
    expect(read(machine, 0)).toBe(6);
  });

  test("drops swapped pages at once", () => {
    const machine = setUp(4);
    write(machine, 0, 5);
    pageout(machine, 0, 4);
    free(machine, 0, 4);
    expect(kindAt(machine, 0)).toBe(LEAF_NONE);
    expect(machine.world.swap?.nrFree).toBe(4096);
  });

  test("announces the whole advised part, even when nothing is mapped", () => {
    const machine = setUp(8);
    const seen: number[][] = [];
    const { mm } = machine.task;
    mm.notifierSubscriptions = new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.insert(
      new MmuIntervalNotifier(mm, 0, 2 ** 40, (_, range) => {
        seen.push([range.start - START, range.end - START]);
      }),
    );
    free(machine, 2, 6);
    expect(seen).toEqual([[2, 6]]);
  });

  test("refuses shared and locked memory", () => {
    expect(free(setUp(4, true), 0, 4)).toBe(-EINVAL);
    const machine = setUp(4);
    machine.vma.vmFlags |= VM_LOCKED;
    expect(free(machine, 0, 4)).toBe(-EINVAL);
  });

  test("gives a whole huge page up as one; one write keeps all of it", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    free(machine, 0, 512);
    write(machine, 9, 99);
    pageout(machine, 0, 512);
    expect(read(machine, 3)).toBe(33);
    expect(read(machine, 9)).toBe(99);
  });

  test("a huge page that PTEs map is kept whole by one dirty entry", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    splitHugePmd(machine.world, machine.vma, START, false);
    free(machine, 0, 512);
    write(machine, 300, 99);
    pageout(machine, 0, 512);
    expect(read(machine, 3)).toBe(33);
    expect(read(machine, 300)).toBe(99);
  });

  test("splits a huge page of which only a part is advised", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    write(machine, 300, 44);
    free(machine, 0, 256);
    expect(machine.task.mm.pageTable.val(START + 5)).toBe(machine.world.zeroPfn);
    pageout(machine, 0, 512);
    expect(read(machine, 3)).toBe(0);
    expect(read(machine, 300)).toBe(44);
  });
});
