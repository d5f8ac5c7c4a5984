import { type TaskStruct, VM_READ, VM_WRITE, World } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { createFile, fileGet } from "../file/create-file.ts";
import { runToCompletion } from "../verb.ts";
import { PROT_READ, PROT_WRITE } from "./prot.ts";
import { type MmapRequest, sysMmap } from "./sys-mmap.ts";
import { sysMunmap } from "./sys-munmap.ts";

const RW = PROT_READ | PROT_WRITE;

function setUp(): { world: World; task: TaskStruct; mmap: (request: MmapRequest) => number } {
  const world = new World();
  const task = world.createTask(0);
  return { world, task, mmap: (request) => runToCompletion(sysMmap(world, task, request)) };
}

/** Start, length and offset of each VMA. */
function layout(task: TaskStruct): number[][] {
  return task.mm.vmas.map((vma) => [vma.vmStart, vma.nrPages, vma.vmPgoff]);
}

describe("sysMmap", () => {
  test("joins neighbours with equal attributes, also over a hole that it fills", () => {
    const { task, mmap } = setUp();
    mmap({ start: 100, nrPages: 10, prot: RW, shared: false });
    mmap({ start: 120, nrPages: 10, prot: RW, shared: false });
    expect(layout(task)).toEqual([
      [100, 10, 100],
      [120, 10, 120],
    ]);
    mmap({ start: 110, nrPages: 10, prot: RW, shared: false });
    expect(layout(task)).toEqual([[100, 30, 100]]);
  });

  test("keeps other rights and shared memory apart", () => {
    const { task, mmap } = setUp();
    mmap({ start: 100, nrPages: 10, prot: RW, shared: false });
    mmap({ start: 110, nrPages: 10, prot: PROT_READ, shared: false });
    mmap({ start: 120, nrPages: 10, prot: RW, shared: true });
    mmap({ start: 130, nrPages: 10, prot: RW, shared: true });
    expect(layout(task)).toEqual([
      [100, 10, 100],
      [110, 10, 110],
      [120, 10, 0],
      [130, 10, 0],
    ]);
  });

  test("replaces what was mapped and leaves the rest of it", () => {
    const { task, mmap } = setUp();
    mmap({ start: 100, nrPages: 30, prot: RW, shared: false });
    mmap({ start: 110, nrPages: 10, prot: PROT_READ, shared: false });
    expect(layout(task)).toEqual([
      [100, 10, 100],
      [110, 10, 110],
      [120, 10, 120],
    ]);
    expect(task.mm.vmaAt(115)?.has(VM_READ | VM_WRITE)).toBe(false);
  });

  test("joins contiguous pieces of one file and holds it once per VMA", () => {
    const { world, task, mmap } = setUp();
    const file = createFile(world, "tmpfs", 64);
    fileGet(file);
    mmap({ start: 100, nrPages: 8, prot: RW, shared: true, file, pgoff: 0 });
    mmap({ start: 108, nrPages: 8, prot: RW, shared: true, file, pgoff: 8 });
    mmap({ start: 116, nrPages: 8, prot: RW, shared: true, file, pgoff: 40 });
    expect(layout(task)).toEqual([
      [100, 16, 0],
      [116, 8, 40],
    ]);
    expect(file.refs).toBe(3);
    expect(file.iMmap).toHaveLength(2);
  });

  test("rounds hugetlb mappings to huge pages and refuses an unaligned start", () => {
    const { world, task, mmap } = setUp();
    const request = { nrPages: 1, prot: RW, shared: false, hugetlb: true };
    expect(mmap({ start: 1, ...request })).toBeLessThan(0);
    expect(mmap({ start: world.blockPages, ...request })).toBe(0);
    expect(layout(task)).toEqual([[world.blockPages, world.blockPages, 0]]);
    expect(runToCompletion(sysMunmap(world, task, world.blockPages, 1))).toBeLessThan(0);
  });
});
