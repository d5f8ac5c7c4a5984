import {
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_YOUNG,
  leafKind,
  type TaskStruct,
  VM_HUGEPAGE,
  World,
  type WorldSpec,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { MADV_DONTFORK, MADV_HUGEPAGE, type MadviseAdvice } from "../vma/madvise-advice.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMadvise } from "../vma/sys-madvise.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { khugepagedScan } from "./khugepaged.ts";
import { khugepagedEnterVma, khugepagedFork, khugepagedSlots } from "./khugepaged-slots.ts";

const BASE = 0x200000;

interface Setup {
  readonly world: World;
  readonly task: TaskStruct;
}

/** One block of written 4 KiB pages that MADV_HUGEPAGE was given for afterwards. */
function advisedBlock(nrWritten: number, spec: WorldSpec = {}): Setup {
  const world = new World(spec);
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages: world.blockPages, prot, shared: false };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  for (let page = BASE; page < BASE + nrWritten; page++) {
    expect(cpuAccess(world, task, page, true)).toBe(0);
  }
  for (const vma of task.mm.vmas) {
    vma.vmFlags |= VM_HUGEPAGE;
    khugepagedEnterVma(world, vma);
  }
  return { world, task };
}

function scan(setup: Setup): number {
  return runToCompletion(khugepagedScan(setup.world));
}

function slotKind(task: TaskStruct): number {
  return leafKind(task.mm.pageTable.slotBits(BASE));
}

function makeOld(task: TaskStruct, from: number, to: number): void {
  const table = task.mm.pageTable;
  for (let page = BASE + from; page < BASE + to; page++) {
    table.set(page, table.bits(page) & ~LEAF_YOUNG, table.val(page));
  }
}

describe("khugepaged", () => {
  it("collapses a block with one page and does nothing the second time", () => {
    const setup = advisedBlock(1);
    expect(scan(setup)).toBe(1);
    expect(slotKind(setup.task)).toBe(LEAF_PRESENT);
    expect(scan(setup)).toBe(0);
  });

  it("obeys max_ptes_none", () => {
    const setup = advisedBlock(500, { settings: { maxPtesNone: 11 } });
    expect(scan(setup)).toBe(0);
    expect(slotKind(setup.task)).toBe(LEAF_TABLE);
    setup.world.settings.maxPtesNone = 12;
    expect(scan(setup)).toBe(1);
  });

  it("obeys max_ptes_shared, and leaves the sources to the other process", () => {
    const setup = advisedBlock(512);
    const child = runToCompletion(sysFork(setup.world, setup.task)) as TaskStruct;
    expect(scan(setup)).toBe(0);
    for (let page = BASE; page < BASE + 256; page++) {
      expect(cpuAccess(setup.world, setup.task, page, true)).toBe(0);
    }
    expect(scan(setup)).toBe(1);
    expect(slotKind(setup.task)).toBe(LEAF_PRESENT);
    expect(slotKind(child)).toBe(LEAF_TABLE);
  });

  it("wants at least one young page", () => {
    const setup = advisedBlock(512);
    makeOld(setup.task, 0, 512);
    expect(scan(setup)).toBe(0);
    expect(cpuAccess(setup.world, setup.task, BASE + 7, false)).toBe(0);
    expect(scan(setup)).toBe(1);
  });

  it("does nothing while huge pages are off", () => {
    const setup = advisedBlock(512);
    setup.world.settings.thpEnabled = "never";
    expect(scan(setup)).toBe(0);
    setup.world.settings.thpEnabled = "always";
    expect(scan(setup)).toBe(1);
  });

  it("puts the huge page where most source pages are", () => {
    const nodes = [0, 1].map((cpu) => ({ nrPages: 8192, cpus: [cpu] }));
    const setup = advisedBlock(200, { nodes });
    setup.task.cpu = 1;
    for (let page = BASE + 200; page < BASE + 500; page++) {
      expect(cpuAccess(setup.world, setup.task, page, true)).toBe(0);
    }
    expect(scan(setup)).toBe(1);
    expect(setup.world.frames.nodeOf(setup.task.mm.pageTable.slotVal(BASE))).toBe(1);
  });
});

/** Two blocks of which one page is written, unknown to khugepaged. */
function mappedBlocks(): Setup {
  const world = new World();
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages: 2 * world.blockPages, prot, shared: false };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  expect(cpuAccess(world, task, BASE, true)).toBe(0);
  return { world, task };
}

describe("the address spaces khugepaged knows", () => {
  it("takes in an mm only for a VMA that could be collapsed", () => {
    const world = new World();
    const { task } = advisedBlock(0);
    for (const vma of task.mm.vmas) khugepagedEnterVma(world, vma);
    expect(khugepagedSlots(world)).toEqual([]);
  });

  it("judges advice by the part of the mapping that takes it", () => {
    const { world, task } = mappedBlocks();
    const advise = (start: number, nrPages: number): void => {
      const verb = sysMadvise(world, task, BASE + start, nrPages, MADV_HUGEPAGE);
      expect(runToCompletion(verb)).toBe(0);
    };
    advise(600, 4);
    expect(khugepagedSlots(world)).toEqual([]);
    advise(512, 512);
    expect(khugepagedSlots(world)).toEqual([task.mm]);
  });

  it("takes in an advised VMA with any further advice", () => {
    const { world, task } = mappedBlocks();
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    const advise = (advice: MadviseAdvice): void => {
      const verb = sysMadvise(world, task, BASE, 1024, advice);
      expect(runToCompletion(verb)).toBe(0);
    };
    advise(MADV_HUGEPAGE);
    expect(khugepagedSlots(world)).toEqual([]);
    advise(MADV_DONTFORK);
    expect(khugepagedSlots(world)).toEqual([task.mm]);
  });

  it("takes in a child of a known mm and lets go of one that ended", () => {
    const { world, task } = advisedBlock(1);
    const child = world.createMm();
    khugepagedFork(world, child, world.createMm());
    expect(khugepagedSlots(world)).toEqual([task.mm]);
    khugepagedFork(world, child, task.mm);
    expect(khugepagedSlots(world)).toEqual([task.mm, child]);
    child.isAlive = false;
    expect(khugepagedSlots(world)).toEqual([task.mm]);
  });
});
