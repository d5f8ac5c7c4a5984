import {
  EFAULT,
  EINVAL,
  EIO,
  type Mempolicy,
  MPOL_BIND,
  type TaskStruct,
  VM_HUGEPAGE,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { sysMbind } from "./sys-mbind.ts";
import { sysMigratePages } from "./sys-migrate-pages.ts";
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT } from "./sys-move-pages.ts";
import { sysSetMempolicy } from "./sys-set-mempolicy.ts";

const START = 0x1000;
const ON_1: Mempolicy = { mode: MPOL_BIND, nodes: [1] };

interface Machine {
  readonly world: World;
  readonly task: TaskStruct;
}

function setUp(nrPages: number): Machine {
  const node = { nrPages: 65536 };
  const world = new World({ nodes: [0, 1].map((cpu) => ({ ...node, cpus: [cpu] })) });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared: false }));
  return { world, task };
}

function touch({ world, task }: Machine, from: number, to: number): void {
  for (let page = from; page < to; page++) {
    expect(cpuAccess(world, task, START + page, true)).toBe(0);
  }
}

/** Node of each page, -1 where nothing is present. */
function nodes({ world, task }: Machine, nrPages: number): number[] {
  const { pageTable } = task.mm;
  return Array.from({ length: nrPages }, (_, i) => {
    const pfn = pageTable.val(START + i);
    return pfn === 0 ? -1 : world.frames.nodeOf(pfn);
  });
}

function mbind(
  { world, task }: Machine,
  from: number,
  nrPages: number,
  policy: Mempolicy | null,
  flags: number,
): number {
  return runToCompletion(sysMbind(world, task, START + from, nrPages, policy, flags));
}

describe("mbind", () => {
  test("splits the VMA, moves what is there and places what comes", () => {
    const machine = setUp(8);
    touch(machine, 0, 4);
    expect(mbind(machine, 2, 4, ON_1, MPOL_MF_MOVE)).toBe(0);
    expect(machine.task.mm.vmas.map((vma) => vma.nrPages)).toEqual([2, 4, 2]);
    touch(machine, 4, 8);
    expect(nodes(machine, 8)).toEqual([0, 0, 1, 1, 1, 1, 0, 0]);
    expect(mbind(machine, 0, 8, null, 0)).toBe(0);
    expect(machine.task.mm.vmas.length).toBe(1);
  });

  test("MPOL_MF_STRICT alone reports misplaced pages and sets no policy", () => {
    const machine = setUp(8);
    touch(machine, 0, 1);
    expect(mbind(machine, 0, 8, ON_1, MPOL_MF_STRICT)).toBe(-EIO);
    expect(machine.task.mm.vmas[0]?.vmPolicy).toBeNull();
    expect(mbind(machine, 0, 8, ON_1, MPOL_MF_STRICT | MPOL_MF_MOVE)).toBe(0);
    expect(nodes(machine, 1)).toEqual([1]);
  });

  test("shared pages stay without counting; MPOL_MF_MOVE_ALL moves them for all", () => {
    const machine = setUp(2);
    touch(machine, 0, 2);
    runToCompletion(sysFork(machine.world, machine.task));
    expect(mbind(machine, 0, 2, ON_1, MPOL_MF_STRICT | MPOL_MF_MOVE)).toBe(0);
    expect(nodes(machine, 2)).toEqual([0, 0]);
    expect(mbind(machine, 0, 2, ON_1, MPOL_MF_MOVE_ALL)).toBe(0);
    expect(nodes(machine, 2)).toEqual([1, 1]);
  });

  test("a pinned page is an error only for MPOL_MF_STRICT", () => {
    const machine = setUp(2);
    touch(machine, 0, 2);
    machine.world.frames.addPins(machine.task.mm.pageTable.val(START), 1);
    expect(mbind(machine, 0, 2, ON_1, MPOL_MF_MOVE)).toBe(0);
    expect(nodes(machine, 2)).toEqual([0, 1]);
    expect(mbind(machine, 0, 2, ON_1, MPOL_MF_STRICT | MPOL_MF_MOVE)).toBe(-EIO);
  });

  test("a hole is an error except for the default policy; no VMA at all always is", () => {
    const machine = setUp(4);
    touch(machine, 0, 4);
    expect(mbind(machine, 2, 4, ON_1, MPOL_MF_MOVE)).toBe(-EFAULT);
    expect(mbind(machine, -2, 4, ON_1, MPOL_MF_MOVE)).toBe(-EFAULT);
    expect(nodes(machine, 4)).toEqual([0, 0, 0, 0]);
    expect(mbind(machine, 2, 4, null, MPOL_MF_MOVE)).toBe(0);
    expect(mbind(machine, 100, 4, null, MPOL_MF_MOVE)).toBe(-EFAULT);
    expect(mbind(machine, 0, 4, ON_1, 8)).toBe(-EINVAL);
  });

  test("the default policy moves pages to where the task allocates", () => {
    const machine = setUp(2);
    expect(sysSetMempolicy(machine.world, machine.task, ON_1)).toBe(0);
    touch(machine, 0, 2);
    expect(nodes(machine, 2)).toEqual([1, 1]);
    expect(sysSetMempolicy(machine.world, machine.task, null)).toBe(0);
    expect(mbind(machine, 0, 2, null, MPOL_MF_MOVE)).toBe(0);
    expect(nodes(machine, 2)).toEqual([0, 0]);
  });

  test("a part of a huge page takes all of it along", () => {
    const machine = setUp(512);
    for (const vma of machine.task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    touch(machine, 0, 1);
    expect(mbind(machine, 8, 4, ON_1, MPOL_MF_MOVE)).toBe(0);
    expect(nodes(machine, 512)).toEqual(Array(512).fill(1));
  });
});

describe("migrate_pages", () => {
  test("moves the pages of one node and no others", () => {
    const machine = setUp(4);
    touch(machine, 0, 2);
    machine.task.cpu = 1;
    touch(machine, 2, 3);
    const { world, task } = machine;
    expect(runToCompletion(sysMigratePages(world, task, [0], [1]))).toBe(0);
    expect(nodes(machine, 3)).toEqual([1, 1, 1]);
    expect(runToCompletion(sysMigratePages(world, task, [0], [1]))).toBe(0);
    expect(runToCompletion(sysMigratePages(world, task, [0], [5]))).toBe(-EINVAL);
  });

  test("counts pages that had to stay; shared ones stay silently without privilege", () => {
    const machine = setUp(4);
    touch(machine, 0, 1);
    const { world, task } = machine;
    runToCompletion(sysFork(world, task));
    touch(machine, 1, 2);
    world.frames.addPins(task.mm.pageTable.val(START + 1), 1);
    expect(runToCompletion(sysMigratePages(world, task, [0], [1], false))).toBe(1);
    expect(nodes(machine, 2)).toEqual([0, 0]);
    expect(runToCompletion(sysMigratePages(world, task, [0], [1]))).toBe(1);
    expect(nodes(machine, 2)).toEqual([1, 0]);
  });
});

describe("set_mempolicy", () => {
  test("refuses a policy without memory", () => {
    const { world, task } = setUp(1);
    const nowhere: Mempolicy = { mode: MPOL_BIND, nodes: [9] };
    expect(sysSetMempolicy(world, task, nowhere)).toBe(-EINVAL);
    expect(task.mempolicy).toBeNull();
  });
});
