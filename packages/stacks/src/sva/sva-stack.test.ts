import { APERTURE_SYSTEM, createOwnerSpace, LEAF_WRITE } from "@faultline/core";
import {
  assertWorldConsistent,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysFork,
  sysMmap,
  sysMunmap,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { IdealStack } from "../ideal/ideal-stack.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import { IopfQueue, type IopfResponse } from "./iopf-queue.ts";
import { PageRequestQueue } from "./page-request-queue.ts";
import { AMD_PRI, ARM_STALL, type SvaKnobs } from "./sva-knobs.ts";
import { SvaStack, svaIommu } from "./sva-stack.ts";

const N = 64;
const ALL = { start: BASE, nrPages: N };

/** A GPU that pulls pages, and a device that uses the CPU's tables. */
class Pair {
  readonly small: SmallSystem;
  readonly gpu: IdealStack;
  readonly sva: SvaStack;
  readonly answers: IopfResponse[] = [];

  constructor(knobs: Partial<SvaKnobs> = {}) {
    const devices = [{ name: "gpu" }, { name: "accel", kind: "accelerator" as const }];
    this.small = new SmallSystem({ devices });
    const { system } = this.small;
    const host = new StepHost();
    this.gpu = new IdealStack(system, host, this.small.device("gpu"), createOwnerSpace("gpu"));
    this.sva = new SvaStack(system, host, this.small.device("accel"), knobs);
    this.sva.iommu.responses.onResponse = ({ response }) => this.answers.push(response);
    this.small.map(N);
    this.small.fill(N);
  }

  pull(): void {
    const { task } = this.small;
    runToCompletion(this.gpu.prefetch(this.gpu.open(task.mm), task, ALL));
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
    expect(pair.answers).toEqual([]);
  });

  test("S12: touching a GPU's private pages brings them to system memory, and succeeds", () => {
    const pair = new Pair();
    pair.pull();
    expect(pair.access("write", 3)).toMatchObject({ rc: 0, nrFaults: 1 });
    expect(pair.answers).toEqual(["SUCCESS"]);
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
    expect(pair.answers).toEqual(["INVALID"]);
  });
});

const { task } = new SmallSystem({ devices: [{ name: "gpu" }] });
const request = { device: 0, task, group: 1, page: 0, isWrite: false, isLast: false };
const last = { ...request, page: 1, isLast: true };

describe("a group that no worker takes", () => {
  test("is answered FAILURE, and its device asks for nothing any more", () => {
    const pair = new Pair({ ...AMD_PRI, "pri.failsGroup": 2 });
    pair.pull();
    expect(pair.access("read")).toMatchObject({ rc: -14, nrDone: 32 });
    expect(pair.answers).toEqual(["SUCCESS", "FAILURE"]);
    expect(pair.access("read")).toMatchObject({ rc: -14, nrDone: 32, nrFaults: 1 });
    expect(Object.fromEntries(pair.sva.counters())).toMatchObject({
      responses_success: 1,
      responses_failure: 1,
      requests_served: N,
      after_failure: 1,
    });
  });

  test("leaves alone what the CPU's tables have: ATS needs no request", () => {
    const pair = new Pair({ "pri.failsGroup": 1 });
    pair.pull();
    expect(pair.access("read")).toMatchObject({ rc: -14, nrDone: 0 });
    runToCompletion(pair.gpu.evict(pair.gpu.open(pair.small.task.mm), pair.small.task, ALL));
    expect(pair.access("read")).toMatchObject({ rc: 0, nrDone: N });
  });
});

describe("a device that is closed", () => {
  test("says so with a stop marker, which nobody answers", () => {
    const pair = new Pair();
    pair.sva.close(pair.sva.open(pair.small.task.mm));
    expect(pair.answers).toEqual([]);
    expect(pair.sva.counters().get("stop_markers")).toBe(1);
    const stalling = new Pair(ARM_STALL);
    stalling.sva.close(stalling.sva.open(stalling.small.task.mm));
    expect(stalling.sva.counters().get("stop_markers")).toBe(0);
  });
});

describe("the kernel's queue", () => {
  test("collects a group when its last request arrives, each device's for itself", () => {
    const queue = new IopfQueue();
    queue.iommuReportDeviceFault(request);
    queue.iommuReportDeviceFault({ ...request, device: 1 });
    queue.iommuReportDeviceFault(last);
    expect(queue.complete.map((group) => group.map(({ page }) => page))).toEqual([[0, 1]]);
    expect(queue.nrHeld).toBe(3);
  });

  test("answers INVALID at once where nobody has bound the address space", () => {
    const told: [number, IopfResponse][] = [];
    const queue = new IopfQueue((group, response) => told.push([group.length, response]));
    queue.iommuReportDeviceFault(request, false);
    queue.iommuReportDeviceFault(last, false);
    expect(told).toEqual([[2, "INVALID"]]);
    expect(queue.nrHeld).toBe(0);
  });

  test("answers INVALID for a device that goes, and forgets its partial groups", () => {
    const told: [number, IopfResponse][] = [];
    const queue = new IopfQueue((group, response) => told.push([group.length, response]));
    queue.iommuReportDeviceFault({ ...request, device: 1, isLast: true });
    queue.iommuReportDeviceFault({ ...request, group: 2 });
    queue.iommuReportDeviceFault(last);
    queue.iopfQueueRemoveDevice(0);
    expect(told).toEqual([[1, "INVALID"]]);
    expect(queue.nrHeld).toBe(1);
  });
});

describe("the hardware's queue", () => {
  function queues(limit: number) {
    const told: IopfResponse[] = [];
    const respond = (_: unknown, response: IopfResponse): void => void told.push(response);
    const kernel = new IopfQueue(respond);
    return { kernel, told, hardware: new PageRequestQueue(limit, kernel, () => true, respond) };
  }

  test("throws partial groups away when it overflows, and the kernel never answers them", () => {
    const { kernel, told, hardware } = queues(2);
    expect(hardware.send(request)).toBe("queued");
    expect(hardware.send({ ...request, device: 1 })).toBe("queued");
    expect(hardware.send({ ...request, device: 2 })).toBe("lost");
    expect(hardware.send(last)).toBe("auto-response");
    hardware.prqEventThread();
    expect([kernel.nrHeld, kernel.nrDiscarded, hardware.nrLost]).toEqual([0, 2, 2]);
    expect(told).toEqual([]);
  });

  test("keeps complete groups through an overflow", () => {
    const { kernel, hardware } = queues(2);
    for (const one of [request, last, last]) hardware.send(one);
    hardware.prqEventThread();
    expect(kernel.complete.map((group) => group.length)).toEqual([2]);
  });

  test("refuses a supervisor's requests and such as would execute", () => {
    const { kernel, told, hardware } = queues(2);
    hardware.send({ ...last, isPrivileged: true });
    hardware.send({ ...last, isExec: true });
    hardware.prqEventThread();
    expect([told, kernel.nrHeld]).toEqual([["INVALID", "INVALID"], 0]);
  });
});

describe("a device whose requests overflow the queue", () => {
  test("gets the hardware's answer, and asks for less", () => {
    const pair = new Pair({ "pri.queueEntries": 4, "pri.drainEvery": 64 });
    pair.pull();
    expect(pair.access("read")).toMatchObject({ rc: 0 });
    // 64 overflow, then 1, 2 and 4 do not and 8 do, over and over.
    expect(Object.fromEntries(pair.sva.counters())).toMatchObject({
      requests_lost: 60 + 8 * 4,
      auto_responses: 1 + 8,
      partial_discarded: 4 + 8 * 4,
      requests_served: N,
    });
  });

  test("loses the access for good where it stalls in place of asking", () => {
    const overflow = { "pri.queueEntries": 4, "pri.drainEvery": 8, "pri.stallsInFlight": 8 };
    const pair = new Pair({ ...ARM_STALL, ...overflow });
    pair.pull();
    expect(pair.access("read")).toMatchObject({ rc: -14, nrDone: 0 });
    expect(pair.sva.nrLostEvents).toBe(4);
    const fast = new Pair({ ...ARM_STALL, ...overflow, "pri.drainEvery": 1 });
    fast.pull();
    expect(fast.access("read")).toMatchObject({ rc: 0, nrFaults: N / 8 });
  });
});

describe("two devices behind one IOMMU", () => {
  test("share its queue and the address space's PASID, and fill each other's queue", () => {
    const devices = ["a", "b"].map((name) => ({ name, kind: "accelerator" as const }));
    const small = new SmallSystem({ devices });
    const host = new StepHost();
    const knobs = { "pri.queueEntries": 4, "pri.drainEvery": 64 };
    const iommu = svaIommu(small.system, [knobs]);
    const stacks = devices.map(
      ({ name }) => new SvaStack(small.system, host, small.device(name), knobs, iommu),
    );
    for (const stack of stacks) stack.open(small.task.mm);
    expect(iommu.iommuAllocMmData(small.task.mm)).toBe(1);
    expect(iommu.iommuAllocMmData(small.world.createTask(0).mm)).toBe(2);
    const own = { ...request, task: small.task, page: BASE };
    for (let group = 0; group < 5; group++) iommu.send({ ...own, device: group % 2, group });
    runToCompletion(iommu.flush());
    expect(iommu.kernel.nrDiscarded).toBe(4);
    expect(iommu.responses.countsOf(0)).toMatchObject({ nrSuccess: 0, nrRequests: 0 });
  });
});

describe("a page that is not there, and comes by a migration", () => {
  const touched = (knobs: Partial<SvaKnobs>, shared: boolean) => {
    const small = new SmallSystem({ devices: [{ name: "accel", kind: "accelerator" as const }] });
    const sva = new SvaStack(small.system, new StepHost(), small.device("accel"), knobs);
    const prot = PROT_READ | PROT_WRITE;
    runToCompletion(sysMmap(small.world, small.task, { ...ALL, prot, shared }));
    const reads = { start: BASE, nrPages: N, access: "read" as const, value: 0 };
    const mirror = sva.open(small.task.mm);
    const result = runToCompletion(deviceAccess(sva, mirror, small.task, reads));
    sva.close(mirror);
    assertWorldConsistent(small.world);
    return { small, sva, result };
  };
  const filled = { "ats.fillByMigration": true };

  test("is zeroed, writable and the process's own after a read, without a page request", () => {
    const { small, sva, result } = touched(filled, false);
    expect(result).toMatchObject({ rc: 0, nrDone: N });
    expect(sva.counters().get("requests_served")).toBe(0);
    const { pageTable } = small.task.mm;
    expect(pageTable.val(BASE)).not.toBe(small.world.zeroPfn);
    expect(pageTable.bits(BASE) & LEAF_WRITE).toBe(LEAF_WRITE);
  });

  test("is the zero page after an ordinary fault", () => {
    const { small, sva } = touched({}, false);
    expect(sva.counters().get("requests_served")).toBe(N);
    expect(small.task.mm.pageTable.val(BASE)).toBe(small.world.zeroPfn);
  });

  test("comes by an ordinary fault where memory is shared", () => {
    const { sva, result } = touched(filled, true);
    expect(result).toMatchObject({ rc: 0, nrDone: N });
    expect(sva.counters().get("requests_served")).toBe(N);
  });
});
