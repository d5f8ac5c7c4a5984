import {
  EINVAL,
  LEAF_EXCLUSIVE,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_YOUNG,
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
import { sysFork } from "../fork/fork.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { madviseColdOrPageoutRange } from "./madvise-cold.ts";

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

function advise(machine: Machine, from: number, to: number, isPageout: boolean): number {
  const { world, task, vma } = machine;
  return runToCompletion(
    madviseColdOrPageoutRange(world, task, vma, START + from, START + to, isPageout),
  );
}

function kindAt({ task }: Machine, page: number): number {
  return leafKind(task.mm.pageTable.bits(START + page));
}

describe("MADV_PAGEOUT", () => {
  test("swaps exclusive pages out and a read brings them back writable", () => {
    const machine = setUp(8);
    write(machine, 0, 7);
    write(machine, 1, 9);
    expect(advise(machine, 0, 8, true)).toBe(0);
    expect(kindAt(machine, 0)).toBe(LEAF_SWAP);
    expect(machine.task.mm.pageTable.bits(START) & LEAF_EXCLUSIVE).toBe(LEAF_EXCLUSIVE);
    expect(machine.world.swap?.nrFree).toBe(4094);
    expect(read(machine, 0)).toBe(7);
    expect(read(machine, 1)).toBe(9);
    expect(machine.world.swap?.nrFree).toBe(4096);
  });

  test("announces each folio's pages and nothing else", () => {
    const machine = setUp(8);
    for (let page = 0; page < 4; page++) write(machine, page, page + 1);
    const seen: number[][] = [];
    const { mm } = machine.task;
    mm.notifierSubscriptions = new MmuNotifierSubscriptions();
    mm.notifierSubscriptions.insert(
      new MmuIntervalNotifier(mm, 0, 2 ** 40, (_, range) => {
        seen.push([range.start - START, range.end - START]);
      }),
    );
    advise(machine, 1, 3, true);
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
    ]);
  });

  test("leaves zero pages, shared pages and pinned pages alone", () => {
    const machine = setUp(8);
    read(machine, 0);
    write(machine, 1, 1);
    runToCompletion(sysFork(machine.world, machine.task));
    write(machine, 2, 2);
    const pinned = machine.task.mm.pageTable.val(START + 2);
    machine.world.frames.addPins(pinned, 1);
    advise(machine, 0, 8, true);
    expect([0, 1, 2].map((page) => kindAt(machine, page))).toEqual([
      LEAF_PRESENT,
      LEAF_PRESENT,
      LEAF_PRESENT,
    ]);
    machine.world.frames.addPins(pinned, -1);
    advise(machine, 0, 8, true);
    expect(kindAt(machine, 2)).toBe(LEAF_SWAP);
  });

  test("does nothing without a swap device", () => {
    const world = new World();
    const task = world.createTask(0);
    const request = { start: START, nrPages: 1, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(world, task, request));
    const machine = { world, task, vma: task.mm.vmaAt(START) as VmAreaStruct };
    write(machine, 0, 5);
    expect(advise(machine, 0, 1, true)).toBe(0);
    expect(kindAt(machine, 0)).toBe(LEAF_PRESENT);
  });

  test("refuses locked memory", () => {
    const machine = setUp(8);
    machine.vma.vmFlags |= VM_LOCKED;
    expect(advise(machine, 0, 8, true)).toBe(-EINVAL);
    expect(advise(machine, 0, 8, false)).toBe(-EINVAL);
  });

  test("swaps a whole huge page as one, zeros included", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    advise(machine, 0, 512, true);
    for (let page = 0; page < 512; page++) expect(kindAt(machine, page)).toBe(LEAF_SWAP);
    expect(read(machine, 3)).toBe(33);
    expect(read(machine, 4)).toBe(0);
    expect(kindAt(machine, 5)).toBe(LEAF_SWAP);
  });

  test("splits a huge page of which only a part is advised; its zeros become zero pages", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    write(machine, 300, 44);
    advise(machine, 0, 256, true);
    const { pageTable } = machine.task.mm;
    expect(kindAt(machine, 3)).toBe(LEAF_SWAP);
    expect(kindAt(machine, 300)).toBe(LEAF_PRESENT);
    expect(pageTable.val(START + 4)).toBe(machine.world.zeroPfn);
    expect(read(machine, 3)).toBe(33);
    expect(read(machine, 300)).toBe(44);
  });

  test("swaps a huge page that PTEs map as one, when the range holds all of it", () => {
    const machine = setUp(512);
    machine.vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 33);
    splitHugePmd(machine.world, machine.vma, START, false);
    advise(machine, 0, 512, true);
    expect(kindAt(machine, 3)).toBe(LEAF_SWAP);
    expect(kindAt(machine, 4)).toBe(LEAF_SWAP);
    expect(read(machine, 3)).toBe(33);
  });

  test("takes shared memory out of the page cache", () => {
    const machine = setUp(8, true);
    write(machine, 0, 5);
    const file = machine.vma.vmFile;
    advise(machine, 0, 8, true);
    expect(kindAt(machine, 0)).toBe(LEAF_NONE);
    expect(leafKind(file?.pages.bits(0) ?? 0)).toBe(LEAF_SWAP);
    expect(read(machine, 0)).toBe(5);
    expect(leafKind(file?.pages.bits(0) ?? 0)).toBe(LEAF_PRESENT);
    expect(machine.world.swap?.nrFree).toBe(4096);
  });
});

describe("MADV_COLD", () => {
  test("makes pages old and keeps them", () => {
    const machine = setUp(8);
    write(machine, 0, 5);
    const { pageTable } = machine.task.mm;
    expect(pageTable.bits(START) & LEAF_YOUNG).toBe(LEAF_YOUNG);
    expect(advise(machine, 0, 8, false)).toBe(0);
    expect(pageTable.bits(START) & LEAF_YOUNG).toBe(0);
    expect(read(machine, 0)).toBe(5);
  });
});
