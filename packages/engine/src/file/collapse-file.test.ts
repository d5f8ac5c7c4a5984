import {
  type AddressSpace,
  EAGAIN,
  EINVAL,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  type TaskStruct,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { madviseCollapse } from "../collapse/madvise-collapse.ts";
import { cpuAccess } from "../fault/cpu-access.ts";
import { readPageContent } from "../fault/page-content.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { createFile, fileGet } from "./create-file.ts";
import { filemapGetPage } from "./filemap.ts";
import { doSetPmd, wholeFolioStart } from "./map-large-folio.ts";
import { fileWrite } from "./read-write.ts";

const BASE = 0x100000;

interface Scene {
  readonly world: World;
  readonly task: TaskStruct;
  readonly file: AddressSpace;
}

/** A file of 64 pages, the first eight holding 1 to 8, with two blocks mapped at BASE. */
function mapped(kind: "tmpfs" | "ramfs", shared: boolean, pgoff = 0): Scene {
  const world = new World();
  const task = world.createTask(0);
  const file = createFile(world, kind, 64);
  fileGet(file);
  runToCompletion(fileWrite(world, task, file, 0, [1, 2, 3, 4, 5, 6, 7, 8]));
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE, nrPages: 1024, prot, shared, file, pgoff };
  expect(runToCompletion(sysMmap(world, task, request))).toBe(0);
  return { world, task, file };
}

function collapse({ world, task }: Scene): number {
  const vma = task.mm.vmaAt(BASE);
  if (vma === null) throw new Error("nothing is mapped");
  return runToCompletion(madviseCollapse(world, task, vma, BASE, BASE + 512));
}

function isHuge({ world, file }: Scene): boolean {
  return world.frames.order(filemapGetPage(world, file, 0)) === world.geometry.pmdOrder;
}

describe("MADV_COLLAPSE of a file mapping", () => {
  it("makes cache and mapping huge and keeps the contents", () => {
    const scene = mapped("tmpfs", true);
    const { world, task } = scene;
    cpuAccess(world, task, BASE + 3, false);
    expect(collapse(scene)).toBe(0);
    expect(isHuge(scene)).toBe(true);
    const slot = task.mm.pageTable.slotBits(BASE);
    expect(leafKind(slot)).toBe(LEAF_PRESENT);
    expect(slot & LEAF_WRITE).not.toBe(0);
    expect([7, 8].map((page) => readPageContent(world, task.mm, BASE + page))).toEqual([8, 0]);
  });

  it("maps a private mapping without copies read-only", () => {
    const scene = mapped("tmpfs", false);
    expect(collapse(scene)).toBe(0);
    expect(scene.task.mm.pageTable.slotBits(BASE) & LEAF_WRITE).toBe(0);
  });

  it("fails for a private mapping with copies, but leaves a huge cache behind", () => {
    const scene = mapped("tmpfs", false);
    const { world, task } = scene;
    cpuAccess(world, task, BASE + 2, true);
    expect(collapse(scene)).toBe(-EINVAL);
    expect(isHuge(scene)).toBe(true);
    expect(leafKind(task.mm.pageTable.slotBits(BASE))).toBe(LEAF_TABLE);
    expect(readPageContent(world, task.mm, BASE + 2)).toBe(3);
  });

  it("refuses pinned pages, shifted mappings, empty files and ramfs", () => {
    const pinned = mapped("tmpfs", true);
    pinned.world.frames.addPins(filemapGetPage(pinned.world, pinned.file, 1), 1);
    expect(collapse(pinned)).toBe(-EAGAIN);
    expect(isHuge(pinned)).toBe(false);
    expect(collapse(mapped("tmpfs", true, 1))).toBe(-EINVAL);
    expect(collapse(mapped("tmpfs", true, 512))).toBe(-EINVAL);
    expect(collapse(mapped("ramfs", true))).toBe(-EINVAL);
  });
});

describe("mapping a large folio", () => {
  it("needs all of it in the VMA and under one table", () => {
    const scene = mapped("tmpfs", true);
    const { world, task, file } = scene;
    collapse(scene);
    const pfn = filemapGetPage(world, file, 5);
    const vma = task.mm.vmaAt(BASE);
    if (vma === null) throw new Error("nothing is mapped");
    expect(wholeFolioStart(world, vma, BASE + 5, pfn)).toBe(BASE);
    expect(wholeFolioStart(world, vma, BASE + 6, pfn)).toBe(-1);
    expect(wholeFolioStart(world, vma, BASE + 4, pfn)).toBe(-1);
  });

  it("uses a leaf only where nothing is yet", () => {
    const scene = mapped("tmpfs", true);
    const { world, task, file } = scene;
    collapse(scene);
    const pfn = filemapGetPage(world, file, 5);
    const vma = task.mm.vmaAt(BASE);
    if (vma === null) throw new Error("nothing is mapped");
    expect(doSetPmd(world, vma, BASE + 5, pfn, false)).toBe(false);
    task.mm.pageTable.setSlot(BASE, LEAF_NONE, 0);
    expect(doSetPmd(world, vma, BASE + 5, pfn, true)).toBe(true);
    expect(task.mm.pageTable.slotVal(BASE)).toBe(world.frames.head(pfn));
  });
});
