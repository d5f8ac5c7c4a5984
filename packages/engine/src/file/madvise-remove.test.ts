import {
  EACCES,
  EINVAL,
  EOPNOTSUPP,
  type FileKind,
  type TaskStruct,
  VM_LOCKED,
  World,
} from "@faultline/core";
import { describe, expect, it } from "vitest";
import { cpuAccess } from "../fault/cpu-access.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "../vma/prot.ts";
import { sysMmap } from "../vma/sys-mmap.ts";
import { createFile } from "./create-file.ts";
import { insertDevicePages } from "./device-file.ts";
import { madviseRemove } from "./madvise-remove.ts";

const BASE = 0x100000;

function freePages(world: World): number {
  return world.buddies.reduce((sum, buddy) => sum + buddy.nrFree, 0);
}

function remove(world: World, task: TaskStruct, start: number, nrPages: number): number {
  const vma = task.mm.vmaAt(BASE + start);
  if (vma === null) throw new Error("nothing is mapped there");
  return runToCompletion(madviseRemove(world, vma, BASE + start, BASE + start + nrPages));
}

function map(kind: FileKind | null, shared: boolean, prot: number): [World, TaskStruct] {
  const world = new World();
  const task = world.createTask(0);
  const file = kind === null ? {} : { file: createFile(world, kind, 16) };
  runToCompletion(sysMmap(world, task, { start: BASE, nrPages: 8, prot, shared, ...file }));
  return [world, task];
}

describe("madviseRemove", () => {
  it("punches a hole into shared memory, through a read-only mapping too", () => {
    const [world, task] = map(null, true, PROT_READ);
    for (let page = BASE; page < BASE + 4; page++) cpuAccess(world, task, page, false);
    const file = task.mm.vmaAt(BASE)?.vmFile;
    expect(remove(world, task, 1, 2)).toBe(0);
    expect(file?.nrCached).toBe(2);
  });

  it("is refused where the kernel refuses it", () => {
    const both = PROT_READ | PROT_WRITE;
    expect(remove(...map(null, false, both), 0, 1)).toBe(-EINVAL);
    expect(remove(...map("tmpfs", false, both), 0, 1)).toBe(-EACCES);
    expect(remove(...map("ramfs", true, both), 0, 1)).toBe(-EOPNOTSUPP);
    const [world, task] = map("tmpfs", true, both);
    for (const vma of task.mm.vmas) vma.vmFlags |= VM_LOCKED;
    expect(remove(world, task, 0, 1)).toBe(-EINVAL);
  });
});

describe("insertDevicePages", () => {
  it("maps zeroed pages at once, which live as long as the mapping", () => {
    const [world, task] = map("device", false, PROT_READ | PROT_WRITE);
    const vma = task.mm.vmaAt(BASE);
    if (vma === null) throw new Error("nothing is mapped");
    const before = freePages(world);
    expect(insertDevicePages(world, task, vma)).toBe(0);
    expect(freePages(world)).toBe(before - 8);
    const pfn = task.mm.pageTable.val(BASE + 3);
    expect(world.frames.pageMapcount(pfn)).toBe(1);
    expect(world.frames.extraRefs(pfn)).toBe(0);
    expect(world.frames.content(pfn)).toBe(0);
  });
});
