import { EFFORT_IOVA_ALLOC, EIO } from "@faultline/core";
import { PROT_READ, runToCompletion, sysMprotect } from "@faultline/engine";
import { effortSlot, priceTable, type Profile, shippedProfile } from "@faultline/profiles";
import type { StackName } from "@faultline/stacks";
import { describe, expect, test } from "vitest";
import {
  ACCESS_READ,
  ACCESS_WRITE,
  STAGE_COPY,
  STAGE_DELIVER,
  STAGE_DETECT,
  STAGE_DMA_MAP,
  STAGE_REPLAY,
  waitActivity,
} from "../record/activities.ts";
import { digestOfRecords } from "../record/record-digest.ts";
import { BASE, TimedSystem, type TimedSystemSpec } from "../test-kit/timed-system.ts";
import { PS_PER_US } from "../time/sim-time.ts";
import { WAIT_CPU, WAIT_THROTTLE } from "../wait/wait-kinds.ts";
import { CPU_DEVICE } from "./cpu-thread.ts";

const PROFILES: readonly (readonly [StackName, string])[] = [
  ["ideal", "host-cpu"],
  ["nouveau", "host-cpu"],
  ["odp", "nic-mlx5-odp"],
  ["sva", "iommu-sva-smmu-stall"],
  ["xe", "intel-xe-svm-nothp"],
  ["xe", "intel-xe-svm-thp"],
  ["amdkfd", "amd-mi250x-xnack-svm"],
  ["uvm", "nv-v100-pcie3-uvm"],
];

interface Row {
  readonly timePs: number;
  readonly latencyPs: number;
  readonly device: number;
  readonly spentPs: readonly number[];
}

function rows({ records }: TimedSystem): Row[] {
  return Array.from({ length: records.nrFaults }, (_, fault) => {
    const { chunk, row } = records.locate(fault);
    return {
      timePs: chunk.timePs[row] as number,
      latencyPs: chunk.latencyPs[row] as number,
      device: chunk.device[row] as number,
      spentPs: chunk.spentPs.map((column) => column[row] as number),
    };
  });
}

/** A CPU writes half of what a device then touches, with 8 faults outstanding, while it goes on. */
function mixedRun(spec: TimedSystemSpec): TimedSystem {
  const system = new TimedSystem(spec);
  system.map(256);
  system.cpuTouch(128, ACCESS_WRITE);
  system.touch(0, 256, ACCESS_READ, 8);
  system.cpuTouch(64, ACCESS_WRITE, 96);
  system.sim.run();
  return system;
}

describe.each(PROFILES)("faults of %s at the prices of %s", (stack, profile) => {
  test("wait for a CPU that is shared, in shares that add up as well", () => {
    const spec = { stacks: [stack], profile, sharesCpu: true };
    const system = new TimedSystem(spec);
    system.map(256);
    for (let at = 0; at < 128; at += 32) system.cpuTouch(32, ACCESS_WRITE, at);
    system.touch(0, 256, ACCESS_READ, 8);
    system.cpuTouch(64, ACCESS_WRITE, 96, 1);
    system.sim.run();
    const all = rows(system);
    for (const { latencyPs, spentPs } of all) {
      expect(spentPs.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs);
      for (const ps of spentPs) expect(Number.isSafeInteger(ps) && ps >= 0).toBe(true);
    }
    const waited = ({ spentPs }: Row): boolean => (spentPs[waitActivity(WAIT_CPU)] ?? 0) > 0;
    expect(all.some((row) => row.device === CPU_DEVICE && waited(row))).toBe(true);
    expect(all.some((row) => row.device === 0 && waited(row))).toBe(true);
    // Nobody has it any more, and it has done all that was asked of it.
    const [cpu] = system.timed.cpus?.set.cpus ?? [];
    expect([cpu?.isIdle, cpu?.nrQueued]).toEqual([true, 0]);
    expect(cpu?.nrInterrupts).toBeGreaterThan(0);
    const other = mixedRun(spec);
    expect(digestOfRecords(mixedRun(spec).records)).toBe(digestOfRecords(other.records));
  });

  test("have shares that are whole numbers and add up to their latency", () => {
    const system = mixedRun({ stacks: [stack], profile });
    const all = rows(system);
    expect(all.some(({ device }) => device === 0)).toBe(true);
    expect(all.some(({ device }) => device === CPU_DEVICE)).toBe(true);
    for (const { latencyPs, spentPs } of all) {
      expect(spentPs.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs);
      for (const ps of spentPs) expect(Number.isSafeInteger(ps) && ps >= 0).toBe(true);
    }
  });

  test("end when they say, and the log drops nothing", () => {
    const system = mixedRun({ stacks: [stack], profile });
    const ends = rows(system).map(({ timePs, latencyPs }) => timePs + latencyPs);
    expect(Math.max(...ends)).toBe(system.sim.nowPs);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(system.world.effort.truncated).toBe(false);
  });

  test("are the same in a second run", () => {
    const [first, second] = [0, 1].map(() => mixedRun({ stacks: [stack], profile }).records);
    expect(first?.nrFaults).toBeGreaterThan(0);
    expect(first && digestOfRecords(first)).toBe(second && digestOfRecords(second));
  });
});

test("sva: one thread serves faults one after the other, a work queue all at once", () => {
  const lastPs = (oneThread: boolean): number => {
    const knobs = { "ats.oneThread": oneThread, "ats.fillByMigration": true };
    const system = new TimedSystem({ stacks: ["sva"], profile: "nv-thor-ats", knobs });
    system.map(32);
    system.touch(0, 32, ACCESS_READ, 32);
    system.sim.run();
    expect(system.devices[0]?.model.nrWorkers).toBe(oneThread ? 1 : 0);
    return system.sim.nowPs;
  };
  expect(lastPs(true)).toBeGreaterThan(4 * lastPs(false));
});

describe("a buffer that is read in parts", () => {
  const counted = (stack: StackName, profile: string, knobs: Readonly<Record<string, unknown>>) => {
    const system = new TimedSystem({ stacks: [stack], profile, knobs });
    system.map(32);
    system.touch(0, 32, ACCESS_READ, 16);
    system.sim.run();
    return system.devices[0]?.stack.counters?.() ?? new Map<string, number>();
  };

  test("nouveau: no more than nouveau.batch at a time, with a replay each", () => {
    const whole = counted("nouveau", "host-cpu", {});
    const parts = counted("nouveau", "host-cpu", { "nouveau.batch": 4 });
    expect(whole.get("fault_entries")).toBe(parts.get("fault_entries"));
    expect(whole.get("replays")).toBeLessThan(parts.get("replays") ?? 0);
    expect(parts.get("replays")).toBeGreaterThanOrEqual(32 / 4);
  });

  test("uvm: no more than uvm_perf_fault_batch_count at a time", () => {
    const profile = "nv-v100-pcie3-uvm";
    const knobs = { uvm_perf_prefetch_enable: 0 };
    const whole = counted("uvm", profile, knobs);
    const parts = counted("uvm", profile, { ...knobs, uvm_perf_fault_batch_count: 1 });
    expect(whole.get("batches")).toBeLessThan(32);
    expect(parts.get("batches")).toBeGreaterThanOrEqual(32);
  });
});

test("uvm: a CPU that takes a page to and fro naps until the driver lets it have it", () => {
  const system = new TimedSystem({ stacks: ["uvm"], profile: "nv-v100-pcie3-uvm" });
  system.map(1);
  for (let turn = 0; turn < 4; turn++) {
    system.touch(0, 1, ACCESS_WRITE);
    system.sim.run();
    system.cpuTouch(1, ACCESS_WRITE);
    system.sim.run();
  }
  const throttled = waitActivity(WAIT_THROTTLE);
  const naps = rows(system)
    .filter(({ device }) => device === CPU_DEVICE)
    .map(({ spentPs }) => spentPs[throttled] as number)
    .filter((ps) => ps > 0);
  expect(naps.length).toBeGreaterThan(0);
  // uvm_perf_thrashing_nap is one lapse of 500 us, from the fault that was refused on.
  for (const ps of naps) expect(ps).toBeLessThanOrEqual(500 * PS_PER_US);
  for (const { latencyPs, spentPs } of rows(system)) {
    expect(spentPs.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs);
  }
});

test("amdkfd: each job of the copy engine has its own latency", () => {
  const copyPs = (knobs: Readonly<Record<string, unknown>>): number => {
    const system = new TimedSystem({ stacks: ["amdkfd"], profile: "amd-mi250x-xnack-svm", knobs });
    system.map(512);
    system.cpuTouch(512, ACCESS_WRITE);
    system.sim.run();
    system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    const fault = rows(system).find(({ device }) => device === 0);
    return fault?.spentPs[STAGE_COPY] as number;
  };
  const profile = shippedProfile("amd-mi250x-xnack-svm");
  expect(profile).not.toBeNull();
  const { latencyPs } = priceTable(profile as Profile).copies.to_device;
  expect(latencyPs).toBeGreaterThan(0);
  const whole = copyPs({});
  expect(copyPs({ "kfd.copyWindowBytes": 2 ** 20 }) - whole).toBe(latencyPs);
  expect(copyPs({ "kfd.copyWindowBytes": 2 ** 16 }) - whole).toBe(31 * latencyPs);
});

describe("published totals come out of a run", () => {
  const handler = (
    profile: string,
    thpEnabled: "always" | "never",
    twoStep: "on" | "off" = "off",
    iommu: TimedSystemSpec["iommu"] | null = "translate",
  ): number => {
    const system = new TimedSystem({
      stacks: ["xe"],
      profile,
      settings: { thpEnabled },
      ...(iommu === null ? {} : { iommu }),
      designs: { "dma.twoStep": twoStep },
    });
    system.map(512);
    system.cpuTouch(512, ACCESS_WRITE);
    system.sim.run();
    system.touch(0, 512, ACCESS_READ);
    system.sim.run();
    const faults = rows(system).filter(({ device }) => device === 0);
    expect(faults.length).toBe(1);
    const [{ latencyPs, spentPs }] = faults as [Row];
    const outside = [STAGE_DETECT, STAGE_DELIVER, STAGE_REPLAY].map((s) => spentPs[s] as number);
    return (latencyPs - outside.reduce((sum, ps) => sum + ps, 0)) / PS_PER_US;
  };

  test("and the driver's own counters say the same of collection, migration and bind", () => {
    const designs = { "dma.twoStep": "off" } as const;
    const settings = { thpEnabled: "never" } as const;
    const profile = "intel-xe-svm-nothp";
    const system = new TimedSystem({
      stacks: ["xe"],
      profile,
      settings,
      designs,
      iommu: "translate",
    });
    system.map(512);
    system.cpuTouch(512, ACCESS_WRITE);
    system.sim.run();
    system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    const counters = system.devices[0]?.stack.counters?.() ?? new Map<string, number>();
    const ofTwoMib = ["migrate", "get_pages", "bind"].map((what) => {
      return [what, counters.get(`svm_2M_${what}_us`)];
    });
    expect(ofTwoMib).toEqual([
      ["migrate", 942],
      ["get_pages", 9],
      ["bind", 10],
    ]);
  });

  test("and what IOVAs in one go save of them: all mappings of 2 MiB but one", () => {
    const profile = shippedProfile("intel-xe-svm-nothp") as Profile;
    const slot = effortSlot(EFFORT_IOVA_ALLOC, "per_unit");
    const onePs = priceTable(profile).effortPs[slot] as number;
    expect(onePs / PS_PER_US).toBe(0.64);
    const [each, once] = (["off", "on"] as const).map((twoStep) => {
      return handler("intel-xe-svm-nothp", "never", twoStep);
    }) as [number, number];
    expect(each - once).toBeCloseTo(511 * 0.64, 6);
    const direct = handler("intel-xe-svm-nothp", "never", "on", null);
    expect(once - direct).toBeCloseTo(0.64, 6);
  });

  test("xe serves 2 MiB in 132 us with device pages of 2 MiB", () => {
    expect(handler("intel-xe-svm-thp", "always")).toBeCloseTo(132, 0);
  });

  test("and in 966 us with device pages of 4 KiB", () => {
    expect(handler("intel-xe-svm-nothp", "never")).toBeCloseTo(966, 0);
  });

  test("UVM maps a block for DMA once, at its first use", () => {
    const system = new TimedSystem({ stacks: ["uvm"], profile: "nv-v100-pcie3-uvm" });
    system.map(1024);
    const dmaMapPs = (at: number): number => {
      const before = system.records.nrFaults;
      system.touch(0, 1, ACCESS_WRITE, 1, at);
      system.sim.run();
      expect(system.records.nrFaults).toBe(before + 1);
      return rows(system)[before]?.spentPs[STAGE_DMA_MAP] ?? 0;
    };
    const first = dmaMapPs(0);
    expect(first).toBeGreaterThan(0);
    expect([dmaMapPs(511), dmaMapPs(512)]).toEqual([0, first]);
  });

  test("faults of one batch end together, and each has its own queueing", () => {
    const system = new TimedSystem({ stacks: ["uvm"], profile: "nv-v100-pcie3-uvm" });
    system.map(64);
    system.touch(0, 64, ACCESS_WRITE, 16);
    system.sim.run();
    const ends = rows(system).map(({ timePs, latencyPs }) => timePs + latencyPs);
    expect(new Set(ends).size).toBeLessThan(ends.length / 3);
    for (const { latencyPs, spentPs } of rows(system)) {
      expect(spentPs.reduce((sum, ps) => sum + ps, 0)).toBe(latencyPs);
    }
  });

  test("a NIC maps one page in 220 us", () => {
    const system = new TimedSystem({ stacks: ["odp"], profile: "nic-mlx5-odp" });
    system.map(1);
    system.cpuTouch(1, ACCESS_WRITE);
    system.sim.run();
    system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    expect(rows(system)[1]?.latencyPs).toBe(220 * PS_PER_US);
    expect(rows(system)[1]?.spentPs[STAGE_COPY]).toBe(0);
  });
});

describe("a requester whose receiver faults", () => {
  const received = (knobs: Readonly<Record<string, unknown>>): TimedSystem => {
    const system = new TimedSystem({ stacks: ["odp"], profile: "nic-mlx5-odp", knobs });
    system.map(1);
    system.cpuTouch(1, ACCESS_WRITE);
    system.sim.run();
    return system;
  };

  test("sends again at its timer's next tick, and waits meanwhile", () => {
    const system = received({ "odp.rnrTimerUs": 640 });
    system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    const [, row] = rows(system);
    expect(row?.latencyPs).toBe(640 * PS_PER_US);
    expect(row?.spentPs[waitActivity(WAIT_THROTTLE)]).toBe((640 - 220) * PS_PER_US);
  });

  test("waits three orders of magnitude longer where its packet is lost", () => {
    const system = received({ "odp.rnrTimerUs": 640, "odp.packetLossOnNak": true });
    system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    expect((rows(system)[1]?.latencyPs ?? 0) / (220 * PS_PER_US)).toBeGreaterThan(1000);
  });

  test("finds the page gone again, and is told to wait once more", () => {
    const system = received({ "odp.rnrTimerUs": 1000 });
    const { world, task } = system;
    const result = system.touch(0, 1, ACCESS_READ);
    system.sim.spawn("munmap noise", function* () {
      yield 500 * PS_PER_US;
      runToCompletion(sysMprotect(world, task, BASE, 1, PROT_READ));
    });
    system.sim.run();
    expect(result).toMatchObject({ rc: 0, nrAccesses: 1, nrFaults: 2 });
    expect(system.sim.nowPs).toBeGreaterThanOrEqual(2000 * PS_PER_US);
  });

  test("gives up, with an error, when it has tried as often as it may", () => {
    const system = received({ "odp.rnrTimerUs": 10, "odp.rnrRetry": 3 });
    const result = system.touch(0, 1, ACCESS_READ);
    system.sim.run();
    expect(result).toMatchObject({ rc: -EIO, nrAccesses: 0 });
    expect(system.devices[0]?.stack.counters?.().get("rnr_naks")).toBe(3);
  });
});
