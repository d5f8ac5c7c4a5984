// Parameters whose effect no other test shows: the same accesses end differently with another
// value, in the way that the test's name states.
import { APERTURE_LOCAL, APERTURE_SYSTEM, createOwnerSpace } from "@faultline/core";
import { folioGet, MADV_DONTNEED, runToCompletion, sysMadvise } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { serveRetryFaults } from "./amdkfd/retry-faults.ts";
import { deviceAccess } from "./device/device-access.ts";
import { StepHost } from "./device/stack-host.ts";
import { IdealStack } from "./ideal/ideal-stack.ts";
import { OdpStack } from "./odp/odp-stack.ts";
import { SvaStack } from "./sva/sva-stack.ts";
import { KfdGpus } from "./test-kit/kfd-gpus.ts";
import { BASE, SmallSystem } from "./test-kit/small-system.ts";
import { XeCards } from "./test-kit/xe-cards.ts";

const MIB = 2 ** 20;
const PS_PER_MS = 1_000_000_000;

describe("xe", () => {
  test("xe.checkThreshold: chunks up to it are taken only where all pages are present", () => {
    const chunk = (threshold: number): number | undefined => {
      const cards = new XeCards({}, { "xe.checkThreshold": threshold });
      cards.access(0, "read", 0, 1);
      return cards.stack(0).vm(cards.small.task.mm).ranges.at(BASE)?.nrPages;
    };
    expect([chunk(65536), chunk(2 * MIB)]).toEqual([512, 1]);
  });

  /** Page 3 of eight is held by somebody, so that it cannot move. */
  function withHeldPage(knobs: ConstructorParameters<typeof XeCards>[1]): XeCards {
    const cards = new XeCards({}, { "xe.chunkSizes": [65536, 4096], ...knobs });
    cards.small.fill(16);
    const { world, task } = cards.small;
    folioGet(world, task.mm.pageTable.val(BASE + 3));
    return cards;
  }

  test("xe.allOrNothing: off, what can move moves, and mixed chunks stand if allowed", () => {
    const places = (knobs: ConstructorParameters<typeof XeCards>[1]): string[] => {
      const cards = withHeldPage(knobs);
      expect(cards.access(0, "read", 0, 1, 2).rc).toBe(0);
      return [cards.place(2), cards.place(3)];
    };
    expect(places({})).toEqual(["system", "system"]);
    expect(places({ "xe.allOrNothing": false, "xe.mixedAllowed": true })).toEqual([
      "gpu0",
      "system",
    ]);
  });

  test("xe.mixedAllowed: without it a chunk in two memories comes back to one", () => {
    const places = (isAllowed: boolean): string[] => {
      const cards = withHeldPage({ "xe.allOrNothing": false, "xe.mixedAllowed": isAllowed });
      expect(cards.access(0, "read", 0, 1, 2).rc).toBe(0);
      return [cards.place(2), cards.place(3)];
    };
    expect([places(false), places(true)]).toEqual([
      ["system", "system"],
      ["gpu0", "system"],
    ]);
  });

  test("xe.atomicsOnSystem: under madvise(atomic=device) atomics happen where the page is", () => {
    const served = (isAble: boolean): [number, string, number | undefined] => {
      const cards = new XeCards({}, { "xe.atomicsOnSystem": isAble });
      cards.advise(0, { atomic: "device", preferredLocation: "system" });
      const { rc } = cards.access(0, "atomic", 5, 1);
      return [rc, cards.place(0), cards.aperture(0)];
    };
    expect(served(false)).toEqual([0, "gpu0", APERTURE_LOCAL]);
    expect(served(true)).toEqual([0, "system", APERTURE_SYSTEM]);
  });
});

describe("amdkfd", () => {
  /** One page faults, and again `afterPs` later. @returns the counters of the retries */
  function twice(knobs: ConstructorParameters<typeof KfdGpus>[1], afterPs: number) {
    const gpus = new KfdGpus({}, knobs);
    const stack = gpus.stack(0);
    const { task } = gpus.small;
    for (const timestampPs of [0, afterPs]) {
      const fault = { page: BASE, access: "read", timestampPs } as const;
      runToCompletion(serveRetryFaults(stack, stack.open(task.mm), task, [fault, fault]));
      gpus.host.advance(afterPs);
    }
    return stack.retryCounters;
  }

  test("kfd.retryFilterAgeUs: how long a second fault on a page is filtered out", () => {
    const nrFiltered = (ageUs: number): number => {
      return twice({ "kfd.retryFilterAgeUs": ageUs }, 0).retry_filtered;
    };
    expect([nrFiltered(50), nrFiltered(0)]).toEqual([3, 0]);
  });

  test("kfd.dupFaultWindowMs: how long a fault on what was mapped is skipped", () => {
    const nrRecent = (windowMs: number): number => {
      const knobs = { "kfd.retryFilter": "off", "kfd.dupFaultWindowMs": windowMs } as const;
      return twice(knobs, PS_PER_MS).retry_recent;
    };
    expect([nrRecent(2), nrRecent(0)]).toEqual([3, 0]);
  });
});

describe("odp", () => {
  function nic(knobs: ConstructorParameters<typeof OdpStack>[3]) {
    const small = new SmallSystem({ devices: [{ name: "nic", kind: "nic" }] });
    const host = new StepHost();
    const stack = new OdpStack(small.system, host, small.device("nic"), knobs);
    small.map(64);
    small.fill(64);
    return { small, host, stack };
  }

  test.each([
    ["odp.eqEntries", "eq_overruns", 8, [0, 57]],
    ["odp.recordPool", "eq_pool_refills", 13, [1, 4]],
  ] as const)("%s: seen in %s", (knob, counter, other, sees) => {
    const counted = [{}, { [knob]: other }].map((knobs) => {
      const { small, stack } = nic({ "odp.faultingQps": 65, ...knobs });
      const request = { start: BASE, nrPages: 1, access: "read", value: 0 } as const;
      runToCompletion(deviceAccess(stack, stack.open(small.task.mm), small.task, request));
      return stack.counters().get(counter);
    });
    expect(counted).toEqual(sees);
  });

  test("odp.retryBudgetMs: how long a range that keeps changing is collected again", () => {
    const nrChanges = (budgetMs: number): number => {
      const { small, host, stack } = nic({ "odp.retryBudgetMs": budgetMs });
      const { world, task } = small;
      const fault = stack.fault(stack.open(task.mm), task, BASE, "read");
      for (let n = 0; n < 1000; n++) {
        if (fault.next().done === true) return n;
        host.advance(10 * PS_PER_MS);
        runToCompletion(sysMadvise(world, task, BASE, 1, MADV_DONTNEED));
      }
      return Infinity;
    };
    expect([nrChanges(1000), nrChanges(50)]).toEqual([101, 6]);
  });
});

describe("sva", () => {
  function accelerator(knobs: ConstructorParameters<typeof SvaStack>[3]) {
    const devices = [{ name: "gpu" }, { name: "accel", kind: "accelerator" as const }];
    const small = new SmallSystem({ devices });
    const host = new StepHost();
    const gpu = new IdealStack(small.system, host, small.device("gpu"), createOwnerSpace("gpu"));
    const stack = new SvaStack(small.system, host, small.device("accel"), knobs);
    small.map(64);
    small.fill(64);
    const { task } = small;
    runToCompletion(gpu.prefetch(gpu.open(task.mm), task, { start: BASE, nrPages: 64 }));
    return { small, stack };
  }

  test("pri.requestPages: how many pages one group asks for", () => {
    const nrFaults = (requestPages: number): number => {
      const { small, stack } = accelerator({ "pri.requestPages": requestPages });
      const request = { start: BASE, nrPages: 64, access: "read", value: 0 } as const;
      const access = deviceAccess(stack, stack.open(small.task.mm), small.task, request);
      return runToCompletion(access).nrFaults;
    };
    expect([nrFaults(2048), nrFaults(16)]).toEqual([1, 4]);
  });

  test("pri.groupIndexBits: how many groups have numbers of their own", () => {
    const groups = (bits: number): number[] => {
      const { small, stack } = accelerator({ "pri.requestPages": 16, "pri.groupIndexBits": bits });
      const seen: number[] = [];
      stack.iommu.responses.onResponse = ({ group }) => seen.push(group);
      const request = { start: BASE, nrPages: 64, access: "read", value: 0 } as const;
      const access = deviceAccess(stack, stack.open(small.task.mm), small.task, request);
      expect(runToCompletion(access).rc).toBe(0);
      return seen;
    };
    expect([groups(9), groups(1)]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 0, 1],
    ]);
  });
});
