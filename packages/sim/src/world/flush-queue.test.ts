import { MmStruct } from "@faultline/core";
import { describe, expect, test } from "vitest";
import { ACCESS_READ, ACCESS_WRITE, STAGE_INVALIDATE, waitActivity } from "../record/activities.ts";
import { TimedSystem } from "../test-kit/timed-system.ts";
import { PS_PER_US } from "../time/sim-time.ts";
import { WAIT_IOMMU } from "../wait/wait-kinds.ts";
import { runToCompletion, sysFork } from "@faultline/engine";
import { CPU_DEVICE } from "./cpu-thread.ts";
import { FlushQueue } from "./flush-queue.ts";

test("commands of one address space follow each other, those of two do not", () => {
  const queue = new FlushQueue();
  const world = new TimedSystem({ stacks: ["sva"] }).world;
  const [one, other] = [world.createTask(0).mm, world.createTask(0).mm] as [MmStruct, MmStruct];
  expect([queue.enter(one, 100, 30), queue.enter(one, 110, 30), queue.enter(one, 200, 30)]).toEqual(
    [0, 20, 0],
  );
  expect(queue.enter(other, 110, 30)).toBe(0);
});

describe("copy-on-write of a process that a device of Thor uses", () => {
  const PAGES = 48;

  /** Threads of CPUs, or the device, write what a fork has shared; spent by activity, in us. */
  const spentOf = (who: "device" | number, activity: number): number => {
    const system = new TimedSystem({
      stacks: ["sva"],
      profile: "nv-thor-ats",
      knobs: { "pri.stallModel": true },
    });
    const { sim, world, task, records } = system;
    system.map(PAGES);
    system.cpuTouch(PAGES, ACCESS_WRITE);
    sim.run();
    system.touch(0, PAGES, ACCESS_READ);
    sim.run();
    runToCompletion(sysFork(world, task));
    world.effort.clear();
    const nrBefore = records.nrFaults;
    if (who === "device") system.touch(0, PAGES, ACCESS_WRITE);
    else
      for (let i = 0; i < who; i++) system.cpuTouch(PAGES / who, ACCESS_WRITE, (i * PAGES) / who);
    sim.run();
    let ps = 0;
    for (let fault = nrBefore; fault < records.nrFaults; fault++) {
      const { chunk, row } = records.locate(fault);
      expect(chunk.device[row]).toBe(who === "device" ? 0 : CPU_DEVICE);
      ps += chunk.spentPs[activity]?.[row] ?? 0;
    }
    expect(records.nrFaults - nrBefore).toBe(PAGES);
    return ps / PS_PER_US;
  };

  test("costs one flush of the profile for each page that the device writes", () => {
    expect(spentOf("device", STAGE_INVALIDATE)).toBeCloseTo(6.2 * PAGES, 6);
  });

  test("makes threads wait for each other's flushes, 240 000 in a second", () => {
    const iommu = waitActivity(WAIT_IOMMU);
    expect(spentOf(1, iommu)).toBe(0);
    expect(spentOf(2, iommu)).toBeLessThan(spentOf(12, iommu) / 10);
    expect(spentOf(12, iommu)).toBeGreaterThan(0);
  });
});
