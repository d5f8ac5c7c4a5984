import { expect, test } from "vitest";
import { DevPagemap, type DevPagemapOps, MEMORY_DEVICE_PRIVATE } from "./dev-pagemap.ts";
import { DeviceMemory } from "./device-memory.ts";
import { createOwnerSpace } from "./owner-space.ts";
import { World } from "./world.ts";

const OPS: DevPagemapOps = { migrateToRam: () => 0, folioFree: () => undefined };

test("device memory hands out frames of its own pagemap until it is full", () => {
  const world = new World();
  const pgmaps = [0, 1].map(
    (n) => new DevPagemap(MEMORY_DEVICE_PRIVATE, createOwnerSpace(`gpu${n}`), n, OPS),
  );
  const memories = pgmaps.map((pgmap) => new DeviceMemory(world, pgmap, 4096));
  for (const memory of memories) {
    for (let i = 0; i < 8; i++) {
      const head = memory.alloc(9);
      expect(head % 512).toBe(0);
      expect(world.frames.pgmapOf(head)).toBe(memory.pgmap);
      expect(world.frames.nodeOf(head)).toBe(-1);
    }
    expect([memory.alloc(9), memory.nrFree]).toEqual([0, 0]);
  }
});

test("freed blocks of neighbouring devices never merge", () => {
  const world = new World();
  const [a, b] = [0, 1].map((n) => {
    const pgmap = new DevPagemap(MEMORY_DEVICE_PRIVATE, createOwnerSpace(`gpu${n}`), n, OPS);
    return new DeviceMemory(world, pgmap, 1024);
  }) as [DeviceMemory, DeviceMemory];
  const [pageA, pageB] = [a.alloc(10), b.alloc(10)];
  a.free(pageA, 10);
  b.free(pageB, 10);
  expect([a.alloc(10), b.alloc(10)]).toEqual([pageA, pageB]);
});
