import { APERTURE_SYSTEM, createOwnerSpace } from "@faultline/core";
import { assertWorldConsistent, runToCompletion, sysFork, sysMunmap } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { IdealStack } from "../ideal/ideal-stack.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import { IopfQueue } from "./iopf-queue.ts";
import { AMD_PRI, ARM_STALL, type SvaKnobs } from "./sva-knobs.ts";
import { SvaStack } from "./sva-stack.ts";

const N = 64;

/** A GPU that pulls pages, and a device that uses the CPU's tables. */
class Pair {
  readonly small: SmallSystem;
  readonly gpu: IdealStack;
  readonly sva: SvaStack;

  constructor(knobs: Partial<SvaKnobs> = {}) {
    const devices = [{ name: "gpu" }, { name: "accel", kind: "accelerator" as const }];
    this.small = new SmallSystem({ devices });
    const { system } = this.small;
    const host = new StepHost();
    this.gpu = new IdealStack(system, host, this.small.device("gpu"), createOwnerSpace("gpu"));
    this.sva = new SvaStack(system, host, this.small.device("accel"), knobs);
    this.small.map(N);
    this.small.fill(N);
  }

  pull(): void {
    const { task } = this.small;
    const range = { start: BASE, nrPages: N };
    runToCompletion(this.gpu.prefetch(this.gpu.open(task.mm), task, range));
  }

  access(access: DeviceAccessKind, value = 0) {
    const { task } = this.small;
    const request = { start: BASE, nrPages: N, access, value };
    return runToCompletion(deviceAccess(this.sva, this.sva.open(task.mm), task, request));
  }
}

describe("a device on the CPU's page tables", () => {
  test("translates what is present without a page request", () => {
    const pair = new Pair();
    expect(pair.access("read")).toMatchObject({ rc: 0, nrFaults: N });
    expect(pair.sva.responses).toEqual([]);
  });

  test("S12: touching a GPU's private pages brings them to system memory, and succeeds", () => {
    const pair = new Pair();
    pair.pull();
    expect(pair.access("write", 3)).toMatchObject({ rc: 0, nrFaults: 1 });
    expect(pair.sva.responses).toEqual(["SUCCESS"]);
    const { world, task } = pair.small;
    for (let i = 0; i < N; i++) {
      expect(world.frames.pgmapOf(task.mm.pageTable.val(BASE + i))).toBeNull();
    }
    expect(pair.sva.open(task.mm).lookup(BASE)?.aperture).toBe(APERTURE_SYSTEM);
    pair.sva.close(pair.sva.open(task.mm));
    pair.gpu.close(pair.gpu.open(task.mm));
    assertWorldConsistent(world);
  });

  test("asks in groups as large as the vendor lets a device have outstanding", () => {
    const amd = new Pair(AMD_PRI);
    amd.pull();
    expect(amd.access("read").nrFaults).toBe(N / 32);
    const arm = new Pair(ARM_STALL);
    arm.pull();
    expect(arm.access("read").nrFaults).toBe(N);
  });

  test("a write that fork made copy-on-write is copied as for a CPU", () => {
    const pair = new Pair();
    const { world, task } = pair.small;
    runToCompletion(sysFork(world, task));
    const before = task.mm.pageTable.val(BASE);
    expect(pair.access("write", 1).rc).toBe(0);
    expect(task.mm.pageTable.val(BASE)).not.toBe(before);
  });

  test("a request outside every mapping makes its group INVALID", () => {
    const pair = new Pair();
    pair.pull();
    const { world, task } = pair.small;
    runToCompletion(sysMunmap(world, task, BASE + 8, 8));
    expect(pair.access("read")).toMatchObject({ rc: -14 });
    expect(pair.sva.responses).toEqual(["INVALID"]);
  });
});

describe("the queue", () => {
  const { task } = new SmallSystem({ devices: [{ name: "gpu" }] });
  const request = { device: 0, task, group: 1, page: 0, isWrite: false, isLast: false };

  test("collects a group when its last request arrives, each device's for itself", () => {
    const queue = new IopfQueue(8);
    queue.iommuReportDeviceFault(request);
    queue.iommuReportDeviceFault({ ...request, device: 1 });
    queue.iommuReportDeviceFault({ ...request, page: 1, isLast: true });
    expect(queue.complete.map((group) => group.map(({ page }) => page))).toEqual([[0, 1]]);
    expect(queue.nrHeld).toBe(3);
  });

  test("throws every partial group away when it overflows, and never answers them", () => {
    const queue = new IopfQueue(2);
    queue.iommuReportDeviceFault(request);
    queue.iommuReportDeviceFault({ ...request, device: 1 });
    expect(queue.iommuReportDeviceFault({ ...request, page: 1, isLast: true })).toBe(false);
    expect([queue.nrHeld, queue.nrDiscarded, queue.complete.length]).toEqual([0, 3, 0]);
  });
});
