// Worked examples of what moving memory to a device and back spends.
import { formatEffort, World } from "@faultline/core";
import { MADV_HUGEPAGE, PROT_READ, PROT_WRITE } from "@faultline/engine";
import { beforeEach, expect, it } from "vitest";
import type { Dmirror } from "./dmirror.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorExclusive } from "./dmirror-exclusive.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { dmirrorMigrateToSystem } from "./dmirror-to-system.ts";
import { SelftestProcess } from "./selftest-process.ts";

let world: World;
let process: SelftestProcess;
let fd: Dmirror;

beforeEach(() => {
  world = new World();
  process = new SelftestProcess(world, world.createTask(0));
  // The world's second device, to tell places from counts.
  fd = process.open(new DmirrorDevice(world, 1, false));
});

function spent(): string[] {
  const lines = world.effort.items().map(formatEffort);
  world.effort.clear();
  return lines;
}

function written(nrPages: number): number {
  const start = process.map(nrPages, PROT_READ | PROT_WRITE);
  if (nrPages === 512) expect(process.madvise(start, 512, MADV_HUGEPAGE)).toBe(0);
  process.store(start, nrPages, (i) => i + 1);
  world.effort.clear();
  return start;
}

function times(n: number, lines: readonly string[]): string[] {
  return Array.from({ length: n }, () => lines).flat();
}

it("three pages to the device: collected together, put back one by one", () => {
  const start = written(3);
  expect(process.command(dmirrorMigrateToDevice, fd, start, 3).result).toBe(0);
  expect(spent()).toEqual([
    "lock 1, mmap_read",
    "notifier_call 1",
    "pte_set 3",
    "pte_walk 3",
    "tlb_flush 1, cpus 0x1",
    ...times(3, ["folio_alloc 1, device 1", "page_copy 1, node 0 -> device 1"]),
    ...times(3, ["rmap_visit 1", "pte_set 1", "folio_free 1, node 0"]),
  ]);
});

it("two of them back, and the third by a CPU's fault", () => {
  const start = written(3);
  process.command(dmirrorMigrateToDevice, fd, start, 3);
  spent();
  expect(process.command(dmirrorMigrateToSystem, fd, start, 2).result).toBe(0);
  expect(spent()).toEqual([
    "lock 1, mmap_read",
    "notifier_call 1",
    "pte_set 2",
    "pte_walk 2",
    "tlb_flush 1, cpus 0x1",
    ...times(2, ["folio_alloc 1, node 0", "page_copy 1, device 1 -> node 0"]),
    ...times(2, ["rmap_visit 1", "pte_set 1", "folio_free 1, device 1"]),
  ]);
  expect(process.load(start + 2, 1)).toEqual([3]);
  expect(spent()).toEqual([
    "fault_entry 1",
    "notifier_call 1",
    "pte_set 1",
    "pte_walk 1",
    "tlb_flush 1, cpus 0x1",
    "folio_alloc 1, node 0",
    "page_copy 1, device 1 -> node 0",
    "rmap_visit 1",
    "pte_set 1",
    "folio_free 1, device 1",
  ]);
});

it("a huge page there and back is one entry and one folio each way", () => {
  const start = written(512);
  process.command(dmirrorMigrateToDevice, fd, start, 512);
  expect(spent()).toEqual([
    "lock 1, mmap_read",
    "notifier_call 1",
    "pte_set 1, order 9",
    "tlb_flush 1, order 9, cpus 0x1",
    "folio_alloc 1, order 9, device 1",
    "page_copy 512, node 0 -> device 1",
    "rmap_visit 1",
    "pte_set 1, order 9",
    "folio_free 1, order 9, node 0",
  ]);
  process.load(start + 7, 1);
  expect(spent()).toEqual([
    "fault_entry 1",
    "notifier_call 1",
    "pte_set 1, order 9",
    "tlb_flush 1, order 9, cpus 0x1",
    "folio_alloc 1, order 9, node 0",
    "page_copy 512, device 1 -> node 0",
    "rmap_visit 1",
    "pte_set 1, order 9",
    "folio_free 1, order 9, device 1",
  ]);
});

it("exclusive access moves nothing: one entry there, one entry back", () => {
  const start = written(1);
  process.command(dmirrorExclusive, fd, start, 1);
  expect(spent()).toEqual([
    "lock 1, mmap_read",
    "notifier_call 1",
    "pte_set 1",
    "tlb_flush 1, cpus 0x1",
  ]);
  process.load(start, 1);
  expect(spent()).toEqual(["fault_entry 1", "notifier_call 1", "pte_set 1"]);
});
