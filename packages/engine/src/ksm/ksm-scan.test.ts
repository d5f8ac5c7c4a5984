import {
  FRAME_KSM,
  LEAF_WRITE,
  type TaskStruct,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_MERGEABLE,
  World,
  type WorldSpec,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { presentPfn, readPageContent, writePageContent } from "../fault/page-content.ts";
import { sysExit } from "../fork/exit.ts";
import { sysFork } from "../fork/fork.ts";
import { assertWorldConsistent } from "../invariants/find-world-problems.ts";
import { pinUserPages } from "../gup/pin-user-pages.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { breakKsm } from "./break-ksm.ts";
import { ksmMadvise } from "./ksm-madvise.ts";
import { ksmDoScan, ksmScan } from "./ksm-scan.ts";
import { folioStableNode } from "./stable-tree.ts";

const BASE = 0x400000;

/** A process with mergeable memory whose first pages hold the given contents. */
function mergeable(world: World, contents: readonly number[], extraFlags = 0): TaskStruct {
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages: world.blockPages, prot, shared: false };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  const vma = task.mm.vmaAt(BASE);
  if (vma === null) throw new Error("nothing is mapped");
  vma.vmFlags |= extraFlags;
  write(world, task, contents);
  const advice = ksmMadvise(world, task, vma, vma.vmStart, vma.vmEnd, "mergeable");
  vma.vmFlags = runToCompletion(advice);
  expect(vma.has(VM_MERGEABLE)).toBe(true);
  return task;
}

function write(world: World, task: TaskStruct, contents: readonly number[]): void {
  contents.forEach((token, page) => {
    expect(cpuAccess(world, task, BASE + page, true)).toBe(0);
    writePageContent(world, task.mm, BASE + page, token);
  });
}

function pfns(task: TaskStruct, nrPages: number): number[] {
  return Array.from({ length: nrPages }, (_, page) => presentPfn(task.mm, BASE + page));
}

function contentsOf(world: World, task: TaskStruct, nrPages: number): number[] {
  return Array.from({ length: nrPages }, (_, i) => readPageContent(world, task.mm, BASE + i));
}

function scan(world: World, passes = 3): void {
  for (let pass = 0; pass < passes; pass++) runToCompletion(ksmDoScan(world));
}

/** How many pages map each frame of the list. */
function groupSizes(list: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const pfn of list) sizes.set(pfn, (sizes.get(pfn) ?? 0) + 1);
  return [...sizes.values()];
}

function twoNodes(): WorldSpec {
  return { nodes: [0, 1].map((cpu) => ({ nrPages: 8192, cpus: [cpu] })) };
}

describe("ksmd", () => {
  it("merges equal pages in the second pass and keeps what they hold", () => {
    const world = new World();
    const task = mergeable(world, [8, 8, 9, 8, 9, 1]);
    scan(world, 1);
    expect(groupSizes(pfns(task, 6))).toEqual([1, 1, 1, 1, 1, 1]);
    scan(world, 1);
    expect(groupSizes(pfns(task, 6))).toEqual([3, 2, 1]);
    expect(contentsOf(world, task, 6)).toEqual([8, 8, 9, 8, 9, 1]);
    const pfn = presentPfn(task.mm, BASE);
    expect(world.frames.flags(pfn) & FRAME_KSM).toBe(FRAME_KSM);
    expect(folioStableNode(world, pfn)?.items.length).toBe(3);
    expect(task.mm.pageTable.bits(BASE) & LEAF_WRITE).toBe(0);
  });

  it("runs on until nothing is left to do", () => {
    const world = new World();
    const task = mergeable(world, [8, 8, 8]);
    expect(runToCompletion(ksmScan(world, 1))).toBe(3);
    expect(groupSizes(pfns(task, 3))).toEqual([3]);
    expect(runToCompletion(ksmScan(world, 1))).toBe(1);
  });

  it("copies on a write, even for the last page that is left", () => {
    const world = new World();
    const task = mergeable(world, [8, 8]);
    scan(world);
    const merged = presentPfn(task.mm, BASE);
    write(world, task, [3, 4]);
    expect(pfns(task, 2)).not.toContain(merged);
    expect(contentsOf(world, task, 2)).toEqual([3, 4]);
    expect(world.frames.isFree(merged)).toBe(true);
  });

  it("merges across processes and forgets one that ended", () => {
    const world = new World();
    const task = mergeable(world, [8]);
    const other = mergeable(world, [8]);
    scan(world);
    expect(pfns(other, 1)).toEqual(pfns(task, 1));
    runToCompletion(sysExit(world, other));
    scan(world, 1);
    expect(folioStableNode(world, presentPfn(task.mm, BASE))?.items.length).toBe(1);
  });

  it("counts the pages of a child as shares of the merged page", () => {
    const world = new World();
    const task = mergeable(world, [8, 8]);
    scan(world);
    const child = runToCompletion(sysFork(world, task)) as TaskStruct;
    scan(world, 1);
    expect(pfns(child, 2)).toEqual(pfns(task, 2));
    expect(folioStableNode(world, presentPfn(task.mm, BASE))?.items.length).toBe(4);
  });

  it("starts another copy when one is full", () => {
    const world = new World({ settings: { ksmMaxPageSharing: 3 } });
    const task = mergeable(world, [8, 8, 8, 8, 8, 8, 8]);
    scan(world, 4);
    expect(groupSizes(pfns(task, 7)).sort((a, b) => a - b)).toEqual([1, 3, 3]);
  });

  it("splits a huge folio first; its first pair of equal pages waits for another pass", () => {
    const world = new World({ settings: { thpEnabled: "always" } });
    const task = mergeable(world, [8, 8, 8], VM_HUGEPAGE);
    scan(world, 2);
    expect(groupSizes(pfns(task, 3))).toEqual([2, 1]);
    expect(presentPfn(task.mm, BASE + 3)).toBe(world.zeroPfn);
    scan(world, 1);
    expect(groupSizes(pfns(task, 3))).toEqual([3]);
  });

  it("maps zero-filled pages to the zero page where that is wanted", () => {
    const world = new World({ settings: { ksmUseZeroPages: true } });
    const task = mergeable(world, [0, 5, 0]);
    scan(world);
    expect(presentPfn(task.mm, BASE)).toBe(world.zeroPfn);
    expect(presentPfn(task.mm, BASE + 2)).toBe(world.zeroPfn);
    write(world, task, [7]);
    expect(contentsOf(world, task, 3)).toEqual([7, 5, 0]);
  });

  it("gives a page its own copy again when its partner is pinned", () => {
    const world = new World(twoNodes());
    const task = mergeable(world, [8, 8]);
    const request = { write: true, longterm: true };
    expect(pinUserPages(world, task, task.mm, BASE, 1, request).rc).toBe(1);
    scan(world);
    const table = task.mm.pageTable;
    const own = presentPfn(task.mm, BASE + 1);
    expect(table.bits(BASE) & LEAF_WRITE).toBe(LEAF_WRITE);
    expect(table.bits(BASE + 1) & LEAF_WRITE).toBe(0);
    expect(world.frames.isAnonExclusive(own)).toBe(true);
    expect(world.frames.flags(own) & FRAME_KSM).toBe(0);
    expect(world.frames.nodeOf(own)).toBe(1);
    expect(contentsOf(world, task, 2)).toEqual([8, 8]);
  });
});

describe("what a failed pairing leaves behind", () => {
  it("stays merged in the processes that share it, and is never merged again", () => {
    const world = new World();
    const task = mergeable(world, [8, 8]);
    const request = { write: true, longterm: true };
    expect(pinUserPages(world, task, task.mm, BASE, 1, request).rc).toBe(1);
    const shared = presentPfn(task.mm, BASE + 1);
    const child = runToCompletion(sysFork(world, task)) as TaskStruct;
    scan(world, 4);
    expect(presentPfn(task.mm, BASE + 1)).not.toBe(shared);
    expect(presentPfn(child.mm, BASE + 1)).toBe(shared);
    expect(world.frames.flags(shared) & FRAME_KSM).toBe(FRAME_KSM);
    expect(folioStableNode(world, shared)).toBeNull();
    expect(contentsOf(world, child, 2)).toEqual([8, 8]);
  });
});

describe("pages taken from locked memory", () => {
  it.each([
    [32, 0],
    [34, 2],
  ])("of %i, the first merged as it is, %i wait for the next pass", (nrLocked, nrLate) => {
    const world = new World();
    const contents = Array.from({ length: nrLocked }, () => 8);
    const first = mergeable(world, [8]);
    const task = mergeable(world, contents);
    const child = runToCompletion(sysFork(world, task)) as TaskStruct;
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_LOCKED;
    scan(world, 2);
    const merged = presentPfn(first.mm, BASE);
    const isLate = pfns(child, nrLocked).map((pfn) => pfn !== merged);
    expect(isLate).toEqual(contents.map((_, i) => i >= nrLocked - nrLate));
    expect(pfns(task, nrLocked).every((pfn) => pfn === merged)).toBe(true);
    scan(world, 1);
    expect(pfns(child, nrLocked).every((pfn) => pfn === merged)).toBe(true);
    assertWorldConsistent(world);
  });
});

describe("merging all of a locked mapping", () => {
  it("frees each page that nobody else has once", () => {
    const world = new World();
    const contents = Array.from({ length: 70 }, () => 8);
    const task = mergeable(world, contents);
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_LOCKED;
    const nrFree = world.buddies[0]?.nrFree ?? 0;
    scan(world, 2);
    expect(new Set(pfns(task, 70)).size).toBe(1);
    expect(world.buddies[0]?.nrFree).toBe(nrFree + 69);
    assertWorldConsistent(world);
  });
});

describe("MADV_UNMERGEABLE", () => {
  it("gives every merged page and every merged zero page a copy", () => {
    const world = new World({ settings: { ksmUseZeroPages: true } });
    const task = mergeable(world, [8, 8, 0, 0]);
    scan(world);
    const [vma] = task.mm.vmas;
    if (vma === undefined) throw new Error("nothing is mapped");
    const verb = ksmMadvise(world, task, vma, vma.vmStart, vma.vmEnd, "unmergeable");
    expect(runToCompletion(verb) & VM_MERGEABLE).toBe(0);
    expect(groupSizes(pfns(task, 4))).toEqual([1, 1, 1, 1]);
    expect(contentsOf(world, task, 4)).toEqual([8, 8, 0, 0]);
  });

  it("has nothing to do where nothing is merged", () => {
    const world = new World();
    const task = mergeable(world, [1, 2]);
    const [vma] = task.mm.vmas;
    if (vma === undefined) throw new Error("nothing is mapped");
    const before = pfns(task, 2);
    expect(breakKsm(world, task, vma, vma.vmStart, vma.vmEnd)).toBe(0);
    expect(pfns(task, 2)).toEqual(before);
  });
});
