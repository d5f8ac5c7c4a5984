import {
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
  createOwnerSpace,
  type Designs,
  type DeviceTranslation,
  EPERM,
  MEMORY_DEVICE_PRIVATE,
} from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_P2PDMA,
  HMM_PFN_P2PDMA_BUS,
  PROT_READ,
  runToCompletion,
  sysFork,
  sysMprotect,
  sysMunmap,
} from "@faultline/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { IdealStack } from "../ideal/ideal-stack.ts";
import { BASE, SmallSystem, type SmallSystemSpec } from "../test-kit/small-system.ts";
import { findOdpProblems } from "./odp-invariants.ts";
import type { OdpKnobs } from "./odp-knobs.ts";
import { OdpStack } from "./odp-stack.ts";

const N = 8;

/** A GPU that pulls pages and a NIC that faults on them. */
class Pair {
  readonly small: SmallSystem;
  readonly gpu: IdealStack;
  readonly nic: OdpStack;

  constructor(spec: Partial<SmallSystemSpec> = {}, knobs: Partial<OdpKnobs> = {}) {
    const devices = [{ name: "gpu" }, { name: "nic", kind: "nic" as const }];
    this.small = new SmallSystem({ devices, ...spec });
    const host = new StepHost();
    const { system } = this.small;
    const owner = createOwnerSpace("gpu");
    this.gpu = new IdealStack(system, host, this.small.device("gpu"), owner);
    this.nic = new OdpStack(system, host, this.small.device("nic"), knobs);
    this.small.map(N);
    this.small.fill(N);
  }

  pull(nrPages = N, at = 0): void {
    const { task } = this.small;
    const range = { start: BASE + at, nrPages };
    expect(runToCompletion(this.gpu.prefetch(this.gpu.open(task.mm), task, range))).toBe(0);
  }

  access(access: DeviceAccessKind, value = 0, nrPages = N) {
    const { task } = this.small;
    const mirror = this.nic.open(task.mm);
    const request = { start: BASE, nrPages, access, value };
    return runToCompletion(deviceAccess(this.nic, mirror, task, request));
  }

  advise(advice: DeviceAdvice): number {
    const { task } = this.small;
    const range = { start: BASE, nrPages: N };
    return runToCompletion(this.nic.advise(this.nic.open(task.mm), task, range, advice));
  }

  /** HMM_PFN_* of the slots that stay through walks. */
  sticky(page: number): number {
    const mask = HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA | HMM_PFN_P2PDMA_BUS;
    return this.nic.region(this.small.task.mm).slots.flags(BASE + page) & mask;
  }

  aperture(page: number): number | undefined {
    return this.nic.open(this.small.task.mm).lookup(BASE + page)?.aperture;
  }

  /** Pages of the range that are in device memory. */
  nrOnDevice(): number {
    const { world, task } = this.small;
    const pages = Array.from({ length: N }, (_, i) => task.mm.pageTable.val(BASE + i));
    const isPrivate = (pfn: number): boolean =>
      pfn !== 0 && world.frames.pgmapOf(pfn)?.type === MEMORY_DEVICE_PRIVATE;
    return pages.filter(isPrivate).length;
  }
}

const FILLED = Array.from({ length: N }, (_, i) => 100 + i);
const V2: Partial<Designs> = { "hmm.p2pOp": "v2" };

describe("one fault", () => {
  test("of an RDMA operation maps all that the operation still wants", () => {
    const pair = new Pair();
    expect(pair.access("read")).toMatchObject({ rc: 0, nrFaults: 1, values: FILLED });
    expect(pair.nic.region(pair.small.task.mm).counters).toMatchObject({
      page_faults: 1,
      page_faults_handled: 1,
    });
  });

  test("of unknown length maps a packet, then a speculative part", () => {
    const unknown = { "odp.lengthKnown": false, "odp.prefetchMax": 3 * 4096 };
    expect(new Pair({}, unknown).access("read").nrFaults).toBe(2);
    expect(new Pair({}, { ...unknown, "odp.prefetchMax": 0 }).access("read").nrFaults).toBe(N);
  });

  test("asks to write whenever the region is writable, so a read breaks copy-on-write", () => {
    const pair = new Pair();
    const { world, task } = pair.small;
    runToCompletion(sysFork(world, task));
    const before = task.mm.pageTable.val(BASE);
    expect(pair.access("read").values).toEqual(FILLED);
    expect(task.mm.pageTable.val(BASE)).not.toBe(before);
  });

  test("outside every mapping is an error of the queue pair", () => {
    const pair = new Pair();
    runToCompletion(sysMunmap(pair.small.world, pair.small.task, BASE + 4, 4));
    expect(pair.access("read")).toMatchObject({ rc: -14, nrDone: 0 });
  });
});

describe("a page of a GPU", () => {
  test("S8: with conversion off moves to system memory, and the GPU's entry goes", () => {
    const pair = new Pair();
    pair.pull();
    const { task } = pair.small;
    runToCompletion(
      deviceAccess(pair.gpu, pair.gpu.open(task.mm), task, {
        start: BASE,
        nrPages: N,
        access: "read",
      }),
    );
    expect(pair.access("write", 5)).toMatchObject({ rc: 0 });
    expect(pair.nrOnDevice()).toBe(0);
    expect(pair.aperture(0)).toBe(APERTURE_SYSTEM);
    expect(pair.gpu.open(task.mm).lookup(BASE)).toBeNull();
  });

  test("S9: with v2, one switch and no ACS stays, and the slot says by bus address", () => {
    const pair = new Pair({ designs: V2, host: "none" });
    pair.pull();
    expect(pair.access("write", 5)).toMatchObject({ rc: 0, nrFaults: 1 });
    expect(pair.nrOnDevice()).toBe(N);
    expect(pair.sticky(0)).toBe((HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA_BUS) >>> 0);
    expect(pair.aperture(0)).toBe(APERTURE_PCIE_P2P);
  });

  test("through the host bridge the slot says so too, and the IOMMU has an entry a page", () => {
    const pair = new Pair({ designs: V2, iommu: "translate" });
    pair.pull();
    expect(pair.access("read").values).toEqual(FILLED);
    expect(pair.sticky(3)).toBe((HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA) >>> 0);
    const domain = pair.small.device("nic").initiators[0]?.dev.iommu;
    expect(domain?.nrEntries).toBe(N);
    pair.nic.close(pair.nic.open(pair.small.task.mm));
    expect(domain?.nrEntries).toBe(0);
  });

  test("S10: a pair that PCI refuses fails to map, and migrates after all", () => {
    const pair = new Pair({ designs: V2, host: "none", acs: true });
    pair.pull();
    expect(pair.access("read").values).toEqual(FILLED);
    expect(pair.nrOnDevice()).toBe(0);
    expect(pair.aperture(0)).toBe(APERTURE_SYSTEM);
  });
});

test("in two steps a region has one run of IOVAs; page by page each page has its own", () => {
  const runs = (["on", "off"] as const).map((mode) => {
    const pair = new Pair({ designs: { "dma.twoStep": mode }, iommu: "translate" });
    pair.access("read");
    const { task } = pair.small;
    const { slots } = pair.nic.region(task.mm);
    const pages = Array.from({ length: N }, (_, i) => {
      const pfn = task.mm.pageTable.val(BASE + i);
      return slots.address(BASE + i, pfn)?.page ?? 0;
    });
    return pages.slice(1).map((page, i) => page - (pages[i] ?? 0));
  });
  expect(runs[0]).toEqual(Array.from({ length: N - 1 }, () => 1));
  expect(runs[1]).not.toEqual(runs[0]);
});

describe("advice", () => {
  test("S11: PREFETCH_NO_FAULT over pages of a GPU maps and moves nothing, and succeeds", () => {
    const pair = new Pair();
    pair.pull();
    expect(pair.advise({ prefetch: "no_fault" })).toBe(0);
    expect(pair.nrOnDevice()).toBe(N);
    expect(pair.aperture(0)).toBeUndefined();
  });

  test("PREFETCH gives entries for reading, PREFETCH_WRITE for writing", () => {
    const reading = new Pair();
    expect(reading.advise({ prefetch: "read" })).toBe(0);
    expect(reading.access("read").nrFaults).toBe(0);
    expect(reading.access("write").nrFaults).toBe(1);
    const writing = new Pair();
    expect(writing.advise({ prefetch: "write" })).toBe(0);
    expect(writing.access("write").nrFaults).toBe(0);
  });

  test("what a NIC does not have is refused", () => {
    expect(new Pair().advise({ preferredLocation: "system" })).toBe(-22);
  });
});

describe("random accesses of CPU, GPU and NIC", () => {
  const operation = fc.record({
    what: fc.constantFrom("pull", "nic read", "nic write", "gpu write", "cpu write"),
    at: fc.nat(N - 1),
  });
  const settings = fc.record({
    "hmm.p2pOp": fc.constantFrom("off", "v2", "targetAware"),
    "odp.fallback": fc.constantFrom("perPfn", "wholeRequest"),
    "dma.twoStep": fc.constantFrom("on", "off"),
  });
  const places = fc.record({
    host: fc.constantFrom("zen", "none"),
    iommu: fc.constantFrom(null, "translate", "identity"),
    acs: fc.boolean(),
  });

  test("read what was written last, whatever the designs and the machine", () => {
    fc.assert(
      fc.property(
        settings,
        places,
        fc.array(operation, { maxLength: 25 }),
        (designs, place, ops) => {
          const pair = new Pair({ designs: designs as Partial<Designs>, ...place });
          const { world, task } = pair.small;
          const model = [...FILLED];
          ops.forEach(({ what, at }, n) => {
            const request = { start: BASE + at, nrPages: 1, value: n };
            const nic = pair.nic.open(task.mm);
            const gpu = pair.gpu.open(task.mm);
            if (what === "pull") pair.pull(1, at);
            else if (what === "nic read") {
              const read = runToCompletion(
                deviceAccess(pair.nic, nic, task, { ...request, access: "read" }),
              );
              expect(read).toMatchObject({ rc: 0, values: [model[at]] });
            } else if (what === "cpu write") {
              expect(cpuAccess(world, task, BASE + at, true)).toBe(0);
              pair.small.fill(1, n, at);
              model[at] = n;
            } else {
              const [stack, mirror] = what === "nic write" ? [pair.nic, nic] : [pair.gpu, gpu];
              const wrote = deviceAccess(stack, mirror, task, { ...request, access: "write" });
              expect(runToCompletion(wrote).rc).toBe(0);
              model[at] = n;
            }
            if (designs["hmm.p2pOp"] === "off" && what.startsWith("nic")) {
              const pfn = task.mm.pageTable.val(BASE + at);
              expect(world.frames.pgmapOf(pfn)).toBeNull();
            }
          });
          expect(pair.access("read").values).toEqual(model);
          pair.nic.close(pair.nic.open(task.mm));
          pair.gpu.close(pair.gpu.open(task.mm));
          assertWorldConsistent(world);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the one page of N that cannot be mapped migrates, or with wholeRequest all do", () => {
    const devices = [
      { name: "gpu" },
      { name: "nic", kind: "nic" as const },
      { name: "far", port: 1 },
    ];
    const fallback = fc.constantFrom("perPfn" as const, "wholeRequest" as const);
    fc.assert(
      fc.property(fc.nat(N - 1), fallback, (at, mode) => {
        const designs = { ...V2, "odp.fallback": mode };
        const pair = new Pair({ designs, host: "none", devices });
        const { small, nic, gpu } = pair;
        const owner = createOwnerSpace("far");
        const far = new IdealStack(small.system, nic.host, small.device("far"), owner);
        const move = (stack: IdealStack, start: number, nrPages: number): void => {
          const range = { start: BASE + start, nrPages };
          const verb = stack.prefetch(stack.open(small.task.mm), small.task, range);
          if (nrPages > 0) expect(runToCompletion(verb)).toBe(0);
        };
        move(far, at, 1);
        move(gpu, 0, at);
        move(gpu, at + 1, N - at - 1);
        expect(pair.nrOnDevice()).toBe(N);
        expect(pair.access("read").values).toEqual(FILLED);
        expect(pair.nrOnDevice()).toBe(mode === "perPfn" ? N - 1 : 0);
        expect(pair.aperture(at)).toBe(APERTURE_SYSTEM);
      }),
    );
  });

  test("a target-aware op refuses at once: no mapping fails, and the page migrates", () => {
    const pair = new Pair({ designs: { "hmm.p2pOp": "targetAware" }, host: "none", acs: true });
    pair.pull();
    expect(pair.access("read").values).toEqual(FILLED);
    expect(pair.nrOnDevice()).toBe(0);
    const near = new Pair({ designs: { "hmm.p2pOp": "targetAware" }, host: "none" });
    near.pull();
    near.access("read");
    expect(near.nrOnDevice()).toBe(N);
  });
});

describe("a page that is entered anew", () => {
  test("keeps its slot and its address", () => {
    const pair = new Pair({ iommu: "translate" });
    pair.access("read");
    const mirror = pair.nic.open(pair.small.task.mm);
    const before = mirror.addressOf(BASE, mirror.lookup(BASE) as DeviceTranslation);
    pair.advise({ prefetch: "read" });
    pair.access("write", 5);
    expect(mirror.addressOf(BASE, mirror.lookup(BASE) as DeviceTranslation)).toEqual(before);
    expect(findOdpProblems(pair.nic.region(pair.small.task.mm))).toEqual([]);
  });

  test("of which a P2P page may only be read migrates for a write", () => {
    const pair = new Pair({ designs: { "hmm.p2pOp": "v2" } });
    pair.pull();
    runToCompletion(sysFork(pair.small.world, pair.small.task));
    expect(pair.access("write", 5).rc).toBe(0);
    expect(pair.aperture(0)).toBe(APERTURE_SYSTEM);
  });

  test("cannot be written where its mapping forbids it", () => {
    const pair = new Pair();
    const { world, task } = pair.small;
    runToCompletion(sysMprotect(world, task, BASE, N, PROT_READ));
    expect(pair.access("read").rc).toBe(0);
    expect(pair.access("write", 5)).toMatchObject({ rc: -EPERM, nrFaults: 1 });
  });
});
