import {
  type AddressSpace,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  leafKind,
  type TaskStruct,
  World,
} from "@faultline/core";
import { describe, expect, test } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { writePageContent } from "../fault/page-content.ts";
import { createFile } from "../file/create-file.ts";
import { filemapAddPage } from "../file/filemap.ts";
import { fileWrite } from "../file/read-write.ts";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { folioEvictable, folioTestLru } from "./folio-lru.ts";
import { pageoutFolio } from "./pageout-folio.ts";
import { shmemFreeSwap, shmemSwapinFolio } from "./shmem-swap.ts";

const START = 0x1000;

function setUp(): { world: World; task: TaskStruct; pfn: number } {
  const world = new World({ nrSwapPages: 64 });
  const task = world.createTask(0);
  const prot = PROT_READ | PROT_WRITE;
  runToCompletion(sysMmap(world, task, { start: START, nrPages: 4, prot, shared: false }));
  cpuAccess(world, task, START, true);
  writePageContent(world, task.mm, START, 77);
  return { world, task, pfn: task.mm.pageTable.val(START) };
}

function addFilePage(world: World, task: TaskStruct, kind: "tmpfs" | "ramfs"): AddressSpace {
  const file = createFile(world, kind, 8);
  expect(runToCompletion(fileWrite(world, task, file, 2, [55]))).toBe(1);
  return file;
}

describe("pageoutFolio", () => {
  test("frees the folio and keeps its content in the slot", () => {
    const { world, task, pfn } = setUp();
    expect(pageoutFolio(world, pfn)).toBe(true);
    expect(world.frames.isFree(pfn)).toBe(true);
    const slot = task.mm.pageTable.val(START);
    expect(leafKind(task.mm.pageTable.bits(START))).toBe(LEAF_SWAP);
    expect(world.swap?.content[slot]).toBe(77);
    expect(world.swap?.count[slot]).toBe(1);
  });

  test("a folio somebody references is unmapped but stays in the swap cache", () => {
    const { world, task, pfn } = setUp();
    folioGet(world, pfn);
    expect(pageoutFolio(world, pfn)).toBe(false);
    expect(leafKind(task.mm.pageTable.bits(START))).toBe(LEAF_SWAP);
    const slot = task.mm.pageTable.val(START);
    expect(world.swap?.cachedPfn[slot]).toBe(pfn);
    expect(cpuAccess(world, task, START, false)).toBe(0);
    expect(task.mm.pageTable.val(START)).toBe(pfn);
    folioPut(world, pfn);
    expect(world.frames.content(pfn)).toBe(77);
    expect(world.swap?.nrFree).toBe(64);
  });

  test("tmpfs pages go to swap and come back with their content", () => {
    const world = new World({ nrSwapPages: 64 });
    const task = world.createTask(0);
    const file = addFilePage(world, task, "tmpfs");
    const pfn = file.pages.val(2);
    expect(folioEvictable(world, pfn)).toBe(true);
    expect(pageoutFolio(world, pfn)).toBe(true);
    expect(leafKind(file.pages.bits(2))).toBe(LEAF_SWAP);
    expect(file.nrCached).toBe(0);
    const back = shmemSwapinFolio(world, task, null, file, 2);
    expect(world.frames.content(back)).toBe(55);
    expect(leafKind(file.pages.bits(2))).toBe(LEAF_PRESENT);
    expect(world.swap?.nrFree).toBe(64);
    expect(shmemFreeSwap(world, file, 2)).toBe(false);
    pageoutFolio(world, back);
    expect(shmemFreeSwap(world, file, 2)).toBe(true);
    expect(world.swap?.nrFree).toBe(64);
  });

  test("a tmpfs page that was never written goes without a swap device", () => {
    const world = new World();
    const file = createFile(world, "tmpfs", 8);
    const pfn = filemapAddPage(world, world.createTask(0), file, 2, null);
    folioGet(world, pfn);
    expect(pageoutFolio(world, pfn)).toBe(false);
    folioPut(world, pfn);
    expect(pageoutFolio(world, pfn)).toBe(true);
    expect(leafKind(file.pages.bits(2))).toBe(LEAF_NONE);
    expect([file.nrCached, world.frames.isFree(pfn)]).toEqual([0, true]);
  });

  test("ramfs pages have nowhere to go", () => {
    const world = new World({ nrSwapPages: 64 });
    const file = addFilePage(world, world.createTask(0), "ramfs");
    const pfn = file.pages.val(2);
    expect(folioTestLru(world, pfn)).toBe(true);
    expect(folioEvictable(world, pfn)).toBe(false);
    expect(pageoutFolio(world, pfn)).toBe(false);
    expect(file.pages.val(2)).toBe(pfn);
  });
});
