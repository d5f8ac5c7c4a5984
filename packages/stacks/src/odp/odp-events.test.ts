import { EINVAL, EIO, FRAME_DIRTY } from "@faultline/core";
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
import { type OdpKnobs, odpKnobs } from "./odp-knobs.ts";
import { OdpStack } from "./odp-stack.ts";
import { RnrTimer } from "./rnr-timer.ts";

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

describe("a work request", () => {
  test("is one of three kinds, by whose it is and what its device does to memory", () => {
    const nic = new Nic({ "odp.scheme": "wqe" });
    nic.access("read", 1);
    nic.access("write", 1, 1);
    const kinds = ["wqe_requester_send", "wqe_requester_read", "wqe_responder"];
    expect(kinds.map((kind) => nic.count(kind))).toEqual([1, 1, 0]);
    const receiver = new Nic({ "odp.scheme": "wqe", "odp.wqeSide": "responder" });
    expect(receiver.access("write", 1).rc).toBe(0);
    expect(kinds.map((kind) => receiver.count(kind))).toEqual([0, 0, 1]);
    expect(receiver.access("read", 1, 1).rc).toBe(-1);
  });

  test("with a length of zero stands for 2 GiB, all of which must be there", () => {
    const nic = new Nic({ "odp.scheme": "wqe", "odp.zeroLength": true }, 2 ** 19);
    const { world, task } = nic.small;
    runToCompletion(sysMprotect(world, task, BASE, 2 ** 19, PROT_READ));
    expect(nic.access("read", 1).rc).toBe(0);
    expect(nic.isMapped(2 ** 19 - 1)).toBe(true);
    expect(nic.access("read", 1, 1).rc).toBe(0);
    const small = new Nic({ "odp.scheme": "wqe", "odp.zeroLength": true });
    expect(small.access("read", 1).rc).toBe(-14);
  });

  test("takes segments of pinned memory for mapped, but never the one that faults", () => {
    const segments = { "odp.scheme": "wqe", "odp.segmentPages": 16 } as const;
    const nic = new Nic({ ...segments, "odp.pinnedSegments": 3 });
    nic.access("read", 1);
    expect(nic.count("umr_updates")).toBe(1);
    const pinned = new Nic({ ...segments, "odp.pinnedSegments": 4 });
    expect(pinned.access("read").nrFaults).toBe(4);
  });

  test.each(["wqe", "rdma"] as const)("by %s follows as many keys as the device says", (scheme) => {
    const keys = { "odp.scheme": scheme, "odp.keyDepthMax": 2 };
    expect(new Nic({ ...keys, "odp.keyDepth": 2 }).access("read", 1).rc).toBe(0);
    expect(new Nic({ ...keys, "odp.keyDepth": 3 }).access("read", 1).rc).toBe(-14);
  });
});

describe("a queue pair that was answered an error", () => {
  const refused = { "odp.scheme": "wqe", "odp.segmentPages": 16 } as const;

  test("is in error state, until the program sets it up anew", () => {
    const nic = new Nic({ ...refused, "odp.reconnects": false });
    nic.unmap(20, 1);
    expect([nic.access("read").rc, nic.access("read", 1).rc]).toEqual([-14, -EIO]);
    expect([nic.count("qp_flushed"), nic.count("page_faults")]).toEqual([1, 1]);
    nic.stack.close(nic.stack.open(nic.small.task.mm));
    expect(nic.access("read", 1).rc).toBe(0);
  });

  test("is set up anew at once by default", () => {
    const nic = new Nic(refused);
    nic.unmap(20, 1);
    expect([nic.access("read").rc, nic.access("read", 1).rc]).toEqual([-14, 0]);
    expect(nic.count("qp_flushed")).toBe(0);
  });
});

describe("a requester that was told that the receiver is not ready", () => {
  const PS_PER_US = 1_000_000;

  function timer(knobs: Partial<OdpKnobs>): RnrTimer {
    return new RnrTimer(odpKnobs({ "odp.rnrTimerUs": 100, ...knobs }));
  }

  test("tries at multiples of its timer, and never before the first", () => {
    const rnr = timer({});
    const waits = [0, 30, 100, 101, 730].map((us) => rnr.sendsAgainAfter(us * PS_PER_US));
    expect(waits.map((ps) => ps / PS_PER_US)).toEqual([100, 70, 0, 99, 70]);
    // Of the last two, one and seven attempts were too early.
    expect(rnr.counters.rnr_naks).toBe(1 + 7);
  });

  test("gives up after so many attempts, and at once with none", () => {
    const rnr = timer({ "odp.rnrRetry": 2 });
    expect(rnr.sendsAgainAfter(200 * PS_PER_US)).toBe(0);
    expect(rnr.sendsAgainAfter(201 * PS_PER_US)).toBe(-EIO);
    expect(rnr.counters).toEqual({ rnr_naks: 2, rnr_retry_exceeded: 1 });
    expect([timer({ "odp.rnrRetry": 1 }).refuse(), timer({ "odp.rnrRetry": 0 }).refuse()]).toEqual([
      0,
      -EIO,
    ]);
  });

  test("waits for an acknowledgement where its packet is lost", () => {
    const rnr = timer({ "odp.packetLossOnNak": true, "odp.ackTimeoutMs": 500 });
    expect(rnr.sendsAgainAfter(220 * PS_PER_US)).toBe((100 + 500_000 - 220) * PS_PER_US);
  });

  test("is not there where a requester's own work request faults", () => {
    const nic = new Nic({ "odp.scheme": "wqe", "odp.rnrTimerUs": 100 });
    nic.access("read", 1);
    expect(nic.count("rnr_naks")).toBe(0);
    const receiver = new Nic({ "odp.rnrTimerUs": 100 });
    receiver.access("read", 1);
    expect(receiver.count("rnr_naks")).toBe(1);
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
