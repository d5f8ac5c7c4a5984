import { EINVAL, FRAME_DIRTY } from "@faultline/core";
import {
  MADV_COLLAPSE,
  PROT_READ,
  runToCompletion,
  sysMadvise,
  sysMprotect,
  sysMunmap,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import { OdpEventQueue } from "./odp-event-queue.ts";
import type { OdpKnobs } from "./odp-knobs.ts";
import { OdpStack } from "./odp-stack.ts";

const N = 64;

/** A NIC, and a process with N pages that it has written. */
class Nic {
  readonly small = new SmallSystem({ devices: [{ name: "nic", kind: "nic" }] });
  readonly host = new StepHost();
  readonly stack: OdpStack;

  constructor(knobs: Partial<OdpKnobs> = {}, nrPages = N) {
    this.stack = new OdpStack(this.small.system, this.host, this.small.device("nic"), knobs);
    this.small.map(nrPages);
    this.small.fill(N);
  }

  access(access: DeviceAccessKind, nrPages = N, at = 0) {
    const { task } = this.small;
    const request = { start: BASE + at, nrPages, access, value: 1 };
    return runToCompletion(deviceAccess(this.stack, this.stack.open(task.mm), task, request));
  }

  advise(advice: DeviceAdvice): number {
    const { task } = this.small;
    const range = { start: BASE, nrPages: N };
    return runToCompletion(this.stack.advise(this.stack.open(task.mm), task, range, advice));
  }

  unmap(at: number, nrPages: number): void {
    const { world, task } = this.small;
    runToCompletion(sysMunmap(world, task, BASE + at, nrPages));
  }

  isMapped(at: number): boolean {
    return this.stack.open(this.small.task.mm).lookup(BASE + at) !== null;
  }

  count(name: string): number | undefined {
    return this.stack.counters().get(name);
  }
}

describe("the event queue", () => {
  test("is not read while no record is left, and has as many work items at once as it may", () => {
    const queue = new OdpEventQueue({ entries: 4096, records: 64, workers: 16 });
    queue.arrive(64);
    expect(queue.counters).toMatchObject({ eq_pool_refills: 0, eq_work_rounds: 4 });
    queue.arrive(130);
    expect(queue.counters).toMatchObject({ eq_pool_refills: 2, eq_work_rounds: 4 + 4 + 4 + 1 });
    queue.arrive(5000);
    expect(queue.counters).toMatchObject({ eq_events: 5194, eq_overruns: 904 });
  });

  test("has an event and an answer for each queue pair that runs into a page", () => {
    const nic = new Nic({ "odp.faultingQps": 65 });
    nic.access("read", 1);
    expect(nic.count("eq_events")).toBe(65);
    expect(nic.count("eq_pool_refills")).toBe(1);
    expect(nic.count("page_fault_resumes")).toBe(65);
  });
});

describe("the schemes", () => {
  test("wqe: every data segment is faulted by itself", () => {
    const nic = new Nic({ "odp.scheme": "wqe", "odp.segmentPages": 16 });
    expect(nic.access("read").nrFaults).toBe(1);
    expect(nic.count("umr_updates")).toBe(4);
  });

  test("rdma of unknown length: a packet, and after the answer as much as follows", () => {
    const limit = { "odp.lengthKnown": false, "odp.prefetchMax": 8 * 4096 };
    const nic = new Nic(limit);
    nic.access("read", 1);
    expect([nic.isMapped(0), nic.isMapped(1)]).toEqual([true, false]);
    expect(nic.access("read").nrFaults).toBe(Math.ceil((N - 1) / 9));
    // A packet never reaches past what the operation still wants.
    const jumbo = new Nic({ ...limit, "odp.packetBytes": 8192 });
    expect(jumbo.access("read", 1, N - 1).rc).toBe(0);
  });

  test("memory: what is around is faulted along, unless that fails", () => {
    const around = { "odp.memoryBefore": 4 * 4096, "odp.memoryAfter": 8 * 4096 };
    const nic = new Nic({ "odp.scheme": "memory", ...around });
    nic.access("read", 1, 10);
    expect([5, 6, 18, 19].map((at) => nic.isMapped(at))).toEqual([false, true, true, false]);
    nic.access("read", 1, N - 1);
    expect([N - 2, N - 1].map((at) => nic.isMapped(at))).toEqual([false, true]);
  });

  test("memory: only the last event of a demand is answered", () => {
    const nic = new Nic({ "odp.scheme": "memory", "odp.memoryEvents": 4 });
    nic.access("read", 1);
    expect([nic.count("eq_events"), nic.count("page_fault_resumes")]).toEqual([4, 1]);
  });

  test("an error is the answer where anything that is demanded cannot be had", () => {
    const nic = new Nic({ "odp.scheme": "wqe", "odp.segmentPages": 16 });
    nic.unmap(20, 1);
    expect(nic.access("read")).toMatchObject({ rc: -14, nrDone: 0 });
    expect(nic.count("page_fault_resume_errors")).toBe(1);
    expect(nic.isMapped(0)).toBe(true);
  });
});

describe("an invalidation", () => {
  test("zaps small holes along, and begins anew at holes on the alignment", () => {
    const nic = new Nic({ "odp.umrAlignment": 8 });
    for (const at of [0, 2, 9, 24]) nic.access("read", 1, at);
    nic.unmap(0, N);
    // 0 to 8 with the hole from 3 on, which reaches the boundary; 9 to 16; and the last one.
    expect([nic.count("umr_zaps"), nic.count("umr_zapped_entries")]).toEqual([3, 8 + 7 + 1]);
  });

  test("leaves the pages dirty that could be written", () => {
    const nic = new Nic();
    const { world, task } = nic.small;
    nic.access("write", 1);
    const pfn = task.mm.pageTable.val(BASE);
    world.frames.clearFlags(pfn, FRAME_DIRTY);
    runToCompletion(sysMprotect(world, task, BASE, 1, PROT_READ));
    expect(world.frames.flags(pfn) & FRAME_DIRTY).toBe(FRAME_DIRTY);
  });

  test("gives an empty child back", () => {
    const nic = new Nic({ "odp.childPages": 16 });
    nic.access("read");
    expect([nic.count("children_allocated"), nic.count("umr_updates")]).toEqual([4, 4]);
    nic.unmap(0, 40);
    expect(nic.count("children_freed")).toBe(2);
  });
});

describe("a region with huge granules", () => {
  test("takes what the CPU maps by huge leaves, whole, and refuses what is smaller", () => {
    const nic = new Nic({ "odp.granulePages": 512 }, 1024);
    expect(nic.access("read", 1)).toMatchObject({ rc: -EINVAL });
    const { world, task } = nic.small;
    runToCompletion(sysMadvise(world, task, BASE, 512, MADV_COLLAPSE));
    expect(nic.access("read", 1).rc).toBe(0);
    expect([nic.isMapped(511), nic.isMapped(512)]).toEqual([true, false]);
  });
});

describe("prefetch advice", () => {
  test("without flush is left to a worker", () => {
    const nic = new Nic();
    expect(nic.advise({ prefetch: "read", flush: false })).toBe(0);
    expect([nic.isMapped(0), nic.count("prefetch_work")]).toEqual([false, 1]);
    nic.host.advance(0);
    expect(nic.isMapped(0)).toBe(true);
  });

  test("for writing is refused where nothing may be written", () => {
    const nic = new Nic();
    const { world, task } = nic.small;
    runToCompletion(sysMprotect(world, task, BASE, N, PROT_READ));
    expect(nic.advise({ prefetch: "write" })).toBe(-1);
    expect(nic.advise({ prefetch: "read" })).toBe(0);
  });
});

test("what a closed region has counted is not forgotten", () => {
  const nic = new Nic();
  nic.access("read", 1);
  nic.stack.close(nic.stack.open(nic.small.task.mm));
  expect(nic.count("page_faults")).toBe(1);
});
