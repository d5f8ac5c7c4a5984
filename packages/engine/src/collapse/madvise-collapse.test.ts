import {
  EAGAIN,
  EBUSY,
  EINVAL,
  ENOMEM,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type TaskStruct,
  VM_NOHUGEPAGE,
  VM_UFFD_MISSING,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent, writePageContent } from "../fault/page-content.ts";
import { pinUserPages } from "../gup/pin-user-pages.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { madviseCollapse } from "./madvise-collapse.ts";

const BASE = 0x100000;

/** A process with two blocks of private memory, of which the given pages are written. */
function processWith(world: World, written: readonly number[]): TaskStruct {
  const task = world.createTask(0);
  const nrPages = 2 * world.blockPages;
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages, prot, shared: false };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  for (const page of written) {
    expect(cpuAccess(world, task, BASE + page, true)).toBe(0);
    writePageContent(world, task.mm, BASE + page, 1000 + page);
  }
  return task;
}

function collapse(world: World, task: TaskStruct, start: number, nrPages: number): number {
  const vma = task.mm.vmaAt(BASE + start);
  if (vma === null) throw new Error("nothing is mapped there");
  const from = BASE + start;
  return runToCompletion(madviseCollapse(world, task, vma, from, from + nrPages));
}

describe("MADV_COLLAPSE", () => {
  it("copies pages, fills holes with zeros and maps one exclusive huge folio", () => {
    const world = new World();
    const task = processWith(world, [0, 5, 511]);
    const freeBefore = world.buddies[0]?.nrFree ?? 0;
    expect(collapse(world, task, 0, 512)).toBe(0);
    const table = task.mm.pageTable;
    expect(leafKind(table.slotBits(BASE))).toBe(LEAF_PRESENT);
    expect(world.frames.isAnonExclusive(table.slotVal(BASE))).toBe(true);
    const contents = [0, 1, 5, 511].map((page) => readPageContent(world, task.mm, BASE + page));
    expect(contents).toEqual([1000, 0, 1005, 1511]);
    expect(world.buddies[0]?.nrFree).toBe(freeBefore + 3 - 512);
  });

  it("is content with a block that is huge already and with a range without a block", () => {
    const world = new World();
    const task = processWith(world, [0]);
    expect(collapse(world, task, 0, 512)).toBe(0);
    expect(collapse(world, task, 0, 512)).toBe(0);
    expect(collapse(world, task, 3, 500)).toBe(0);
  });

  it("refuses an empty block but collapses its neighbours", () => {
    const world = new World();
    const task = processWith(world, [600]);
    expect(collapse(world, task, 0, 1024)).toBe(-EINVAL);
    expect(leafKind(task.mm.pageTable.slotBits(BASE + 512))).toBe(LEAF_PRESENT);
  });

  it("refuses VMAs that forbid it or never held an anonymous page", () => {
    const world = new World();
    const untouched = processWith(world, []);
    expect(collapse(world, untouched, 0, 512)).toBe(-EINVAL);
    const forbidden = processWith(world, [0]);
    for (const vma of forbidden.mm.vmas) vma.vmFlags |= VM_NOHUGEPAGE;
    expect(collapse(world, forbidden, 0, 512)).toBe(-EINVAL);
  });

  it("answers EAGAIN for a pinned page and leaves the table alone", () => {
    const world = new World();
    const task = processWith(world, [0, 1]);
    const request = { write: true, longterm: true };
    expect(pinUserPages(world, task, task.mm, BASE, 1, request).rc).toBe(1);
    expect(collapse(world, task, 0, 512)).toBe(-EAGAIN);
    expect(leafKind(task.mm.pageTable.slotBits(BASE))).toBe(LEAF_TABLE);
  });

  it("fills no hole that a userfaultfd watches", () => {
    const world = new World();
    const task = processWith(world, [0]);
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_UFFD_MISSING;
    expect(collapse(world, task, 0, 512)).toBe(-EBUSY);
    expect(leafKind(task.mm.pageTable.slotBits(BASE))).toBe(LEAF_TABLE);
  });

  it("answers ENOMEM when no huge folio is left on the node of most pages", () => {
    const nodes = [0, 1].map((cpu) => ({ nrPages: 4096, cpus: [cpu] }));
    const world = new World({ nodes });
    const task = processWith(world, [0, 1, 2]);
    while ((world.buddies[0]?.alloc(world.geometry.pmdOrder) ?? 0) !== 0);
    expect(collapse(world, task, 0, 512)).toBe(-ENOMEM);
  });
});
