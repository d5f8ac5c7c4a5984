// A huge page that two processes share, moved to a device that only has small pages for it.
import { World } from "@faultline/core";
import { assertWorldConsistent, MADV_HUGEPAGE, PROT_READ, PROT_WRITE } from "@faultline/engine";
import { expect, it } from "vitest";
import { HMM_DMIRROR_FLAG_FAIL_ALLOC } from "./dmirror.ts";
import { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorHolder, findDmirrorProblems } from "./dmirror-invariants.ts";
import { dmirrorMigrateToDevice } from "./dmirror-to-device.ts";
import { SelftestProcess } from "./selftest-process.ts";

it.each([false, true])("moves page by page for both, coherent: %s", (isCoherent) => {
  const world = new World();
  const device = new DmirrorDevice(world, 0, isCoherent);
  const process = new SelftestProcess(world, world.createTask(0));
  const fd = process.open(device);
  const start = process.map(512, PROT_READ | PROT_WRITE);
  expect(process.madvise(start, 512, MADV_HUGEPAGE)).toBe(0);
  process.store(start, 512, (i) => i + 1);
  const child = process.fork();
  fd.flags = HMM_DMIRROR_FLAG_FAIL_ALLOC;
  expect(process.command(dmirrorMigrateToDevice, fd, start, 512).result).toBe(0);
  assertWorldConsistent(world, { holders: [dmirrorHolder([device])] });
  expect(findDmirrorProblems([device])).toEqual([]);
  expect(device.memory.nrPagesInUse).toBe(512);
  expect(child.load(start + 510, 2)).toEqual([511, 512]);
  expect(process.load(start + 510, 2)).toEqual([511, 512]);
});
