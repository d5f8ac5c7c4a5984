// Device faults and insertions whose outcome depends on what the page was before.
import { LEAF_YOUNG, World } from "@faultline/core";
import { MADV_DONTNEED, MADV_HUGEPAGE, PROT_READ, PROT_WRITE } from "@faultline/engine";
import { expect, it } from "vitest";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorRead } from "./dmirror-read-write.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { SelftestProcess } from "./selftest-process.ts";

const RW: number = PROT_READ | PROT_WRITE;

it("a device fault cuts a large device folio for its first page and leaves that page", () => {
  const world = new World();
  const device = new DmirrorDevice(world, 0, false);
  const process = new SelftestProcess(world, world.createTask(0));
  const fd = process.open(device);
  const start = process.map(512, RW);
  expect(process.madvise(start, 512, MADV_HUGEPAGE)).toBe(0);
  expect(process.command(dmirrorMigrateToDevice, fd, start, 512).result).toBe(0);
  expect(process.madvise(start + 100, 10, MADV_DONTNEED)).toBe(0);
  expect(process.command(dmirrorRead, fd, start + 105, 10).result).toBe(0);
  const zero = 0x11;
  const [own, back] = [0x22, 0x02];
  const seen = process.snapshot(fd, start + 104, 12);
  expect(seen).toEqual([0, zero, zero, zero, zero, zero, own, back, back, back, back, own]);
});

it("a coherent page put where nothing was is young, as any page the CPU can use", () => {
  const world = new World();
  const device = new DmirrorDevice(world, 2, true);
  const process = new SelftestProcess(world, world.createTask(0));
  const fd = process.open(device);
  const start = process.map(2, RW);
  expect(process.command(dmirrorMigrateToDevice, fd, start, 2).result).toBe(0);
  const table = process.task.mm.pageTable;
  expect(table.bits(start) & LEAF_YOUNG).toBe(LEAF_YOUNG);
});
