import { describe, expect, test } from "vitest";
import { restoreCheckpoint, takeCheckpoint } from "./checkpoint.ts";
import { LEAF_PRESENT, LEAF_WRITE } from "./leaf.ts";
import { VmAreaStruct } from "./vm-area-struct.ts";
import { VM_READ, VM_WRITE } from "./vm-flags.ts";
import { World } from "./world.ts";

function populated(): { world: World; vma: VmAreaStruct } {
  const world = new World();
  const task = world.createTask(0);
  const vma = new VmAreaStruct(task.mm, 512, 1024, VM_READ | VM_WRITE, 512);
  task.mm.insertVma(vma);
  for (let page = 512; page < 600; page++) map(world, vma, page);
  return { world, vma };
}

function map(world: World, vma: VmAreaStruct, page: number): number {
  const pfn = world.buddies[0]?.alloc(0) ?? 0;
  world.frames.setContent(pfn, page);
  vma.vmMm.pageTable.set(page, LEAF_PRESENT | LEAF_WRITE, pfn);
  return pfn;
}

describe("checkpoint", () => {
  test("restores pages, counters and objects into the same identities", () => {
    const { world, vma } = populated();
    const { mm } = world.tasks.get(1) as { mm: typeof vma.vmMm };
    const checkpoint = takeCheckpoint(world);
    const free = world.buddies[0]?.nrFree;
    for (let page = 600; page < 900; page++) map(world, vma, page);
    world.frames.setContent(mm.pageTable.val(520), 77);
    vma.vmEnd = 700;
    mm.hasPinned = true;
    restoreCheckpoint(world, checkpoint);
    expect(world.tasks.get(1)?.mm).toBe(mm);
    expect([vma.vmEnd, mm.hasPinned, world.buddies[0]?.nrFree]).toEqual([1024, false, free]);
    expect(world.frames.content(mm.pageTable.val(520))).toBe(520);
    expect(mm.pageTable.bits(650)).toBe(0);
  });

  test("can be restored any number of times, from different futures", () => {
    const { world, vma } = populated();
    const checkpoint = takeCheckpoint(world);
    const futures = [1, 2, 3].map((value) => {
      restoreCheckpoint(world, checkpoint);
      const before = world.frames.content(vma.vmMm.pageTable.val(513));
      world.frames.setContent(vma.vmMm.pageTable.val(513), value);
      return [before, map(world, vma, 700)];
    });
    expect(futures[1]).toEqual(futures[0]);
    expect(futures[2]).toEqual(futures[0]);
    expect(futures[0]?.[0]).toBe(513);
  });

  test("a second checkpoint does not disturb the first", () => {
    const { world, vma } = populated();
    const pfn = vma.vmMm.pageTable.val(514);
    const first = takeCheckpoint(world);
    world.frames.setContent(pfn, 1);
    const second = takeCheckpoint(world);
    world.frames.setContent(pfn, 2);
    restoreCheckpoint(world, first);
    expect(world.frames.content(pfn)).toBe(514);
    restoreCheckpoint(world, second);
    expect(world.frames.content(pfn)).toBe(1);
  });

  test("taking one copies no page", () => {
    const { world } = populated();
    const chunk = world.frames.chunks[0];
    takeCheckpoint(world);
    expect(world.frames.chunks[0]).toBe(chunk);
  });
});
