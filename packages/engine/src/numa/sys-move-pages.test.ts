import {
  EACCES,
  EBUSY,
  EFAULT,
  EINVAL,
  ENODEV,
  ENOENT,
  EPERM,
  type TaskStruct,
  VM_HUGEPAGE,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent, writePageContent } from "../fault/page-content.ts";
import { createFile } from "../file/create-file.ts";
import { fileWrite } from "../file/read-write.ts";
import { sysFork } from "../fork/fork.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { sysMunmap } from "../vma/sys-munmap.ts";
import {
  MPOL_MF_MOVE_ALL,
  MPOL_MF_STRICT,
  STATUS_UNWRITTEN,
  sysMovePages,
} from "./sys-move-pages.ts";

const START = 0x1000;
const NODE_PAGES = 65536;

interface Machine {
  readonly world: World;
  readonly task: TaskStruct;
}

function setUp(nrPages: number): Machine {
  const world = new World({
    nodes: [
      { nrPages: NODE_PAGES, cpus: [0] },
      { nrPages: NODE_PAGES, cpus: [1] },
    ],
  });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages, prot, shared: false }));
  return { world, task };
}

function write({ world, task }: Machine, page: number, token: number): void {
  expect(cpuAccess(world, task, START + page, true)).toBe(0);
  writePageContent(world, task.mm, START + page, token);
}

function nodeAt({ world, task }: Machine, page: number): number {
  return world.frames.nodeOf(task.mm.pageTable.val(START + page));
}

/** Moves `nrPages` pages from `first` on and returns the result and the status array. */
function move(
  { world, task }: Machine,
  first: number,
  nrPages: number,
  node: number | null,
  flags?: number,
): { rc: number; status: number[] } {
  const pages = Array.from({ length: nrPages }, (_, i) => START + first + i);
  const nodes = node === null ? null : pages.map(() => node);
  const status = new Int32Array(nrPages).fill(STATUS_UNWRITTEN);
  const request = { pages, nodes, status, ...(flags === undefined ? {} : { flags }) };
  const rc = runToCompletion(sysMovePages(world, task, request));
  return { rc, status: [...status] };
}

describe("move_pages", () => {
  test("moves pages with their content and tells each one's fate", () => {
    const machine = setUp(4);
    write(machine, 0, 5);
    cpuAccess(machine.world, machine.task, START + 1, false);
    expect(move(machine, 0, 5, 1)).toEqual({
      rc: 0,
      status: [1, -EFAULT, -ENOENT, -ENOENT, -EFAULT],
    });
    expect(nodeAt(machine, 0)).toBe(1);
    expect(readPageContent(machine.world, machine.task.mm, START)).toBe(5);
    expect(move(machine, 0, 1, 1)).toEqual({ rc: 0, status: [1] });
  });

  test("asks without moving", () => {
    const machine = setUp(4);
    write(machine, 0, 5);
    cpuAccess(machine.world, machine.task, START + 1, false);
    expect(move(machine, 0, 5, null).status).toEqual([0, -EFAULT, -ENOENT, -ENOENT, -EFAULT]);
  });

  test("leaves shared pages unless all mappers may be moved", () => {
    const machine = setUp(2);
    write(machine, 0, 5);
    runToCompletion(sysFork(machine.world, machine.task));
    expect(move(machine, 0, 1, 1).status).toEqual([-EACCES]);
    expect(move(machine, 0, 1, 1, MPOL_MF_MOVE_ALL).status).toEqual([1]);
  });

  test("queues a huge page once: its second address is busy, the later ones find it moved", () => {
    const machine = setUp(512);
    for (const vma of machine.task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 0, 5);
    expect(move(machine, 0, 4, 1).status).toEqual([1, -EBUSY, 1, 1]);
  });

  test("splits a huge page that is mapped in part; no page is lost or freed twice", () => {
    const machine = setUp(512);
    const { world, task } = machine;
    const nrFree = (): number => world.buddies.reduce((sum, buddy) => sum + buddy.nrFree, 0);
    const before = nrFree();
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_HUGEPAGE;
    write(machine, 3, 5);
    write(machine, 200, 6);
    runToCompletion(sysMunmap(world, task, START + 100, 50));
    expect(move(machine, 0, 6, 1).status).toEqual([1, -EBUSY, -EFAULT, 1, -EFAULT, -EFAULT]);
    expect([3, 200].map((page) => nodeAt(machine, page))).toEqual([1, 1]);
    expect(readPageContent(world, task.mm, START + 200)).toBe(6);
    expect(nrFree()).toBe(before - 2);
    runToCompletion(sysMunmap(world, task, START, 512));
    expect(nrFree()).toBe(before);
  });

  test("counts what it did not move and leaves the run's status unwritten", () => {
    const machine = setUp(8);
    for (let page = 0; page < 8; page++) write(machine, page, page + 1);
    const { pageTable } = machine.task.mm;
    for (const page of [2, 3]) machine.world.frames.addPins(pageTable.val(START + page), 1);
    const none = STATUS_UNWRITTEN;
    expect(move(machine, 0, 8, 1)).toEqual({ rc: 2, status: Array(8).fill(none) });
    expect([0, 2, 4].map((page) => nodeAt(machine, page))).toEqual([1, 0, 1]);
    expect(move(machine, 0, 8, 1)).toEqual({
      rc: 5,
      status: [1, 1, none, none, 1, none, none, none],
    });
  });

  test("moves clean pages of ramfs, not dirty ones", () => {
    const { world, task } = setUp(1);
    const file = createFile(world, "ramfs", 4);
    runToCompletion(fileWrite(world, task, file, 1, [5]));
    const request = { start: START + 8, nrPages: 4, prot: PROT_READ, shared: true, file };
    runToCompletion(sysMmap(world, task, request));
    for (let page = 8; page < 12; page++) cpuAccess(world, task, START + page, false);
    expect(move({ world, task }, 10, 2, 1)).toEqual({ rc: 0, status: [1, 1] });
    expect(move({ world, task }, 8, 2, 1)).toEqual({
      rc: 1,
      status: [STATUS_UNWRITTEN, STATUS_UNWRITTEN],
    });
    expect([8, 9].map((page) => nodeAt({ world, task }, page))).toEqual([1, 0]);
  });

  test("refuses nodes, flags and privileges it cannot honour", () => {
    const { world, task } = setUp(1);
    const status = new Int32Array(1);
    const request = { pages: [START], nodes: [7], status };
    expect(runToCompletion(sysMovePages(world, task, request))).toBe(-ENODEV);
    const strict = { ...request, nodes: [1], flags: MPOL_MF_STRICT };
    expect(runToCompletion(sysMovePages(world, task, strict))).toBe(-EINVAL);
    const all = { ...request, nodes: [1], flags: MPOL_MF_MOVE_ALL, isCapable: false };
    expect(runToCompletion(sysMovePages(world, task, all))).toBe(-EPERM);
  });
});
