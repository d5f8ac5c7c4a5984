import {
  DevPagemap,
  createOwnerSpace,
  isProtnone,
  LEAF_DEVICE_PRIVATE,
  LEAF_WRITE,
  MEMORY_DEVICE_PRIVATE,
  MmuIntervalNotifier,
  MmuNotifierSubscriptions,
  MPOL_BIND,
  type TaskStruct,
  VM_HUGEPAGE,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_NONE, PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { sysMprotect } from "../vma/sys-mprotect.ts";
import { shouldNumaMigrateMemory } from "./should-numa-migrate.ts";
import { taskNumaWork } from "./task-numa-work.ts";

const START = 0x1000;

interface Machine {
  readonly world: World;
  readonly task: TaskStruct;
}

function setUp(nrPages: number, shared = false): Machine {
  const node = { nrPages: 65536 };
  const world = new World({ nodes: [0, 1].map((cpu) => ({ ...node, cpus: [cpu] })) });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared }));
  return { world, task };
}

function touch({ world, task }: Machine, page: number, isWrite = true): void {
  expect(cpuAccess(world, task, START + page, isWrite)).toBe(0);
}

function scan({ world, task }: Machine, nrPasses = 3): number {
  return runToCompletion(taskNumaWork(world, task, nrPasses));
}

function isHinted({ task }: Machine, page: number): boolean {
  const { pageTable } = task.mm;
  const table = pageTable.leafTable(START + page);
  return isProtnone(table === 0 ? pageTable.slotBits(START + page) : pageTable.bits(START + page));
}

function nodeAt({ world, task }: Machine, page: number): number {
  return world.frames.nodeOf(task.mm.pageTable.val(START + page));
}

describe("taskNumaWork", () => {
  test("skips local pages of a single thread, hints them once there is another", () => {
    const machine = setUp(2);
    touch(machine, 0);
    expect(scan(machine)).toBe(0);
    machine.task.nrThreads = 2;
    expect(scan(machine)).toBe(1);
    expect(isHinted(machine, 0)).toBe(true);
    expect(machine.task.mm.numaScanSeq).toBe(6);
  });

  test("hints remote pages, shared memory, and huge pages as a whole", () => {
    const remote = setUp(1);
    touch(remote, 0);
    remote.task.cpu = 1;
    expect(scan(remote)).toBe(1);
    const shared = setUp(1, true);
    touch(shared, 0);
    expect(scan(shared)).toBe(1);
    const huge = setUp(512);
    for (const vma of huge.task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    touch(huge, 0);
    huge.task.cpu = 1;
    expect(scan(huge)).toBe(1);
    expect(isHinted(huge, 300)).toBe(true);
  });

  test("leaves zero pages, fork-shared and pinned pages alone", () => {
    const machine = setUp(4);
    machine.task.nrThreads = 2;
    touch(machine, 0);
    runToCompletion(sysFork(machine.world, machine.task));
    touch(machine, 1, false);
    touch(machine, 2);
    machine.world.frames.addPins(machine.task.mm.pageTable.val(START + 2), 1);
    expect(scan(machine)).toBe(0);
  });

  test("leaves inaccessible VMAs and those with a policy alone", () => {
    const machine = setUp(2);
    machine.task.nrThreads = 2;
    touch(machine, 0);
    const { world, task } = machine;
    task.mempolicy = { mode: MPOL_BIND, nodes: [0] };
    expect(scan(machine)).toBe(0);
    task.mempolicy = null;
    runToCompletion(sysMprotect(world, task, START, 2, PROT_NONE));
    expect(scan(machine)).toBe(0);
    runToCompletion(sysMprotect(world, task, START, 2, PROT_READ));
    expect(scan(machine)).toBe(1);
  });

  test("takes the write access of device-private entries and announces the whole VMA", () => {
    const machine = setUp(4);
    const { world, task } = machine;
    const owner = createOwnerSpace("gpu");
    const ops = { migrateToRam: () => 0, folioFree: () => undefined };
    const pgmap = new DevPagemap(MEMORY_DEVICE_PRIVATE, owner, 0, ops);
    const pfn = world.addDeviceChunks(pgmap, 1);
    task.mm.pageTable.set(START + 1, LEAF_DEVICE_PRIVATE | LEAF_WRITE, pfn);
    const seen: number[][] = [];
    task.mm.notifierSubscriptions = new MmuNotifierSubscriptions();
    task.mm.notifierSubscriptions.insert(
      new MmuIntervalNotifier(task.mm, 0, 2 ** 40, (_, { start, end }) => {
        seen.push([start - START, end - START]);
      }),
    );
    expect(scan(machine, 1)).toBe(1);
    expect(task.mm.pageTable.bits(START + 1)).toBe(LEAF_DEVICE_PRIVATE);
    expect(seen).toEqual([[0, 4]]);
  });
});

describe("hint faults", () => {
  test("a local page comes back writable, a misplaced one moves and comes back read-only", () => {
    const machine = setUp(2);
    machine.task.nrThreads = 2;
    touch(machine, 0);
    touch(machine, 1);
    scan(machine);
    touch(machine, 0, false);
    expect(machine.task.mm.pageTable.bits(START) & LEAF_WRITE).toBe(LEAF_WRITE);
    machine.task.cpu = 1;
    touch(machine, 1, false);
    expect(nodeAt(machine, 1)).toBe(1);
    expect(machine.task.mm.pageTable.bits(START + 1) & LEAF_WRITE).toBe(0);
    touch(machine, 1);
    expect(machine.task.mm.pageTable.bits(START + 1) & LEAF_WRITE).toBe(LEAF_WRITE);
  });

  test("with a preferred node, only the second fault in a row from a node moves the page", () => {
    const machine = setUp(1);
    machine.task.nrThreads = 2;
    touch(machine, 0);
    scan(machine);
    machine.task.cpu = 1;
    touch(machine, 0, false);
    expect(nodeAt(machine, 0)).toBe(1);
    scan(machine);
    machine.task.cpu = 0;
    touch(machine, 0, false);
    expect(nodeAt(machine, 0)).toBe(1);
    scan(machine);
    touch(machine, 0, false);
    expect(nodeAt(machine, 0)).toBe(0);
  });
});

describe("shouldNumaMigrateMemory", () => {
  test("tells its stages to a recorder", () => {
    const { world, task } = setUp(1);
    const rules: string[] = [];
    world.recorder = { note: (rule) => rules.push(rule) };
    const other = world.createTask(1);
    expect(shouldNumaMigrateMemory(world, task, 100, 0)).toBe(true);
    expect(shouldNumaMigrateMemory(world, task, 100, 1)).toBe(true);
    expect(shouldNumaMigrateMemory(world, other, 100, 0)).toBe(false);
    expect(shouldNumaMigrateMemory(world, task, 100, 0)).toBe(true);
    expect(rules).toEqual([
      "numa-filter-first",
      "numa-filter-private",
      "numa-filter-other-node",
      "numa-filter-second",
    ]);
  });
});
