import { createOwnerSpace } from "@faultline/core";
import {
  assertWorldConsistent,
  folioGet,
  folioPut,
  readPageContent,
  runToCompletion,
} from "@faultline/engine";
import { expect, test } from "vitest";
import { IdealStack } from "../ideal/ideal-stack.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import { evictDevice } from "./evict-device.ts";
import { evictFrames } from "./evict-frames.ts";
import { StepHost } from "./stack-host.ts";

const BLOCK = 1024;

/** A GPU of one block that has pulled `nrPulled` pages and given back all but `nrKept`. */
function emptyTheBlock(nrPulled: number, nrKept: number): { inUse: number; free: number } {
  const small = new SmallSystem({ devices: [{ name: "gpu0", memoryMib: 4 }] });
  const { system, task, world } = small;
  const owner = createOwnerSpace("gpu0");
  const stack = new IdealStack(system, new StepHost(), small.device("gpu0"), owner);
  small.map(nrPulled);
  small.fill(nrPulled);
  const mirror = stack.open(task.mm);
  const { attached } = stack;
  const { memory } = attached;
  const pull = { start: BASE, nrPages: nrPulled };
  runToCompletion(stack.prefetch(mirror, task, pull));
  const back = { start: BASE + nrKept, nrPages: nrPulled - nrKept };
  runToCompletion(stack.evict(mirror, task, back));
  const inUse = BLOCK - (memory?.nrFree ?? 0);
  const first = task.mm.pageTable.val(BASE) & ~(BLOCK - 1);
  evictFrames(
    system,
    attached,
    Array.from({ length: BLOCK }, (_, n) => first + n),
  );
  for (let n = 0; n < nrPulled; n++)
    expect(readPageContent(world, task.mm, BASE + n)).toBe(100 + n);
  stack.close(mirror);
  assertWorldConsistent(world);
  return { inUse, free: memory?.nrFree ?? 0 };
}

test("pages never used and pages given back are none of those that are evicted", () => {
  expect(emptyTheBlock(8, 4)).toEqual({ inUse: 4, free: BLOCK });
});

test("a free block is free in its middle, too", () => {
  // So many pages go back at once that neighbours merge into larger blocks.
  expect(emptyTheBlock(BLOCK, 3)).toEqual({ inUse: 3, free: BLOCK });
});

test("a device is empty but for the pages that somebody holds", () => {
  const small = new SmallSystem({ devices: [{ name: "gpu0", memoryMib: 4 }] });
  const { system, task, world } = small;
  const gpu = small.device("gpu0");
  const stack = new IdealStack(system, new StepHost(), gpu, createOwnerSpace("gpu0"));
  small.map(8);
  small.fill(8);
  runToCompletion(stack.prefetch(stack.open(task.mm), task, { start: BASE, nrPages: 8 }));
  const held = task.mm.pageTable.val(BASE + 3);
  folioGet(world, held);
  expect(evictDevice(system, stack.attached)).toBe(1);
  expect(Array.from({ length: 8 }, (_, n) => small.place(n) === "gpu0")).toEqual(
    Array.from({ length: 8 }, (_, n) => n === 3),
  );
  folioPut(world, held);
  expect(evictDevice(system, stack.attached)).toBe(0);
  expect(stack.attached.memory?.nrFree).toBe(BLOCK);
});
