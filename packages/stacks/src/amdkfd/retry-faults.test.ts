import type { TaskStruct } from "@faultline/core";
import { cpuAccess, runToCompletion, sysFork, sysMmap, sysMunmap } from "@faultline/engine";
import { PROT_READ, PROT_WRITE } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";
import { type RetryFault, serveRetryFaults } from "./retry-faults.ts";
import { AMDGPU_GMC_FAULT_RING_SIZE, RetryFilter } from "./retry-filter.ts";

const US = 1_000_000;

function read(page: number, timestampPs: number): RetryFault {
  return { page: BASE + page, access: "read", timestampPs };
}

function serve(gpus: KfdGpus, ...faults: RetryFault[]): number {
  const stack = gpus.stack(0);
  const { task } = gpus.small;
  return runToCompletion(serveRetryFaults(stack, stack.open(task.mm), task, faults));
}

describe("the filter", () => {
  test("takes duplicates out for as long as it remembers the first", () => {
    const filter = new RetryFilter(50);
    const { mm } = new KfdGpus().small.task;
    expect(filter.amdgpuGmcFilterFaults(mm, 1, 0)).toBe(false);
    expect(filter.amdgpuGmcFilterFaults(mm, 1, 49)).toBe(true);
    expect(filter.amdgpuGmcFilterFaults(mm, 1, 50)).toBe(false);
  });

  test("has room for 256 faults: the oldest is forgotten first", () => {
    const filter = new RetryFilter(50);
    const { mm } = new KfdGpus().small.task;
    for (let page = 0; page <= AMDGPU_GMC_FAULT_RING_SIZE; page++) {
      filter.amdgpuGmcFilterFaults(mm, page, 0);
    }
    expect(filter.amdgpuGmcFilterFaults(mm, 1, 0)).toBe(true);
    expect(filter.amdgpuGmcFilterFaults(mm, 0, 0)).toBe(false);
  });
});

describe("retry faults", () => {
  test("of many waves on one page are served once", () => {
    const gpus = new KfdGpus({}, { "kfd.faultBurst": 64 });
    gpus.access(0, "read", 0, 1);
    const { retryCounters } = gpus.stack(0);
    expect(retryCounters).toMatchObject({ retry_faults: 64, retry_filtered: 63, retry_recent: 0 });
  });

  test("all reach the driver without a filter, which skips what it has mapped just now", () => {
    const gpus = new KfdGpus({}, { "kfd.faultBurst": 64, "kfd.retryFilter": "off" });
    gpus.access(0, "read", 0, 1);
    const { retryCounters } = gpus.stack(0);
    expect(retryCounters).toMatchObject({ retry_filtered: 0, retry_recent: 63, cam_acks: 0 });
  });

  test("give their entry of the CAM back when they are served", () => {
    const gpus = new KfdGpus({}, { "kfd.faultBurst": 3, "kfd.retryFilter": "cam" });
    gpus.access(0, "read", 0, 1);
    expect(gpus.stack(0).retryCounters).toMatchObject({ retry_filtered: 2, cam_acks: 1 });
    // An acknowledged address is taken again at once.
    serve(gpus, read(0, 0));
    expect(gpus.stack(0).retryCounters).toMatchObject({ retry_filtered: 2, retry_recent: 1 });
  });

  test("that are older than an unmapping are drained, and their address may fault again", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    gpus.access(0, "read", 0, 1);
    gpus.host.advance(100 * US);
    runToCompletion(sysMunmap(world, task, BASE, 512));
    const prot = PROT_READ | PROT_WRITE;
    const again = { start: BASE, nrPages: 512, prot, shared: false };
    runToCompletion(sysMmap(world, task, again));
    const mirror = gpus.stack(0).open(task.mm);
    expect(serve(gpus, read(0, 99 * US))).toBe(0);
    expect(mirror.lookup(BASE)).toBeNull();
    expect(gpus.stack(0).retryCounters.retry_drained).toBe(1);
    serve(gpus, read(0, 100 * US));
    expect(mirror.lookup(BASE)).not.toBeNull();
  });
});

describe("ranges", () => {
  test("are no larger than a 32nd of the memory, as the smallest GPU has it", () => {
    const sizes = [
      { name: "gpu0", memoryMib: 4096 },
      { name: "gpu1", memoryMib: 128 },
    ];
    const gpus = new KfdGpus({ devices: sizes }, { "kfd.maxRangePages": 0 });
    expect(gpus.stacks.map((stack) => stack.maxRangePages)).toEqual([2 ** 15, 2 ** 10]);
    gpus.advise(0, { access: "access" }, 1536, 512);
    const { ranges } = gpus.stack(0).driver.process(gpus.small.task.mm);
    const spans = ranges.all().map(({ start, nrPages }) => [start - BASE, nrPages]);
    expect(spans).toEqual([
      [512, 512],
      [1024, 1024],
    ]);
  });

  test("may have a granularity of their own, capped at 0x1b", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { granularity: 4 });
    gpus.access(0, "read", 0, 1);
    expect([gpus.place(15), gpus.place(16)]).toEqual(["gpu0", "nothing"]);
    gpus.advise(0, { granularity: 60 });
    const { ranges } = gpus.stack(0).driver.process(gpus.small.task.mm);
    expect(ranges.at(BASE)?.granularity).toBe(0x1b);
  });
});

test("a forked child's CPU fault brings back as much as its parent's range says", () => {
  const gpus = new KfdGpus();
  const { world, task, system } = gpus.small;
  gpus.small.fill(512);
  gpus.access(0, "read", 0, 1);
  const child = runToCompletion(sysFork(world, task)) as TaskStruct;
  expect(cpuAccess(world, child, BASE + 100, false)).toBe(0);
  const places = [0, 100, 511].map((at) => system.holderOf(child.mm.pageTable.val(BASE + at)));
  expect(places).toEqual([null, null, null]);
});
