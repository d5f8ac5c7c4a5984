import {
  APERTURE_INTERCONNECT,
  APERTURE_LOCAL,
  APERTURE_PCIE_P2P,
  APERTURE_SYSTEM,
} from "@faultline/core";
import { assertWorldConsistent, cpuAccess } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { NVLINK, UvmGpus } from "../test-kit/uvm-gpus.ts";

const FILLED = Array.from({ length: 8 }, (_, i) => 100 + i);
/** PCI that carries no peer requests. */
const ISOLATED = { host: "none", iommu: "translate" } as const;

describe("a fault of a GPU", () => {
  test("brings a big page of 64 KiB to its memory, contents and all", () => {
    const gpus = new UvmGpus();
    expect(gpus.access(0, "read", 0, 1)).toMatchObject({ rc: 0, nrFaults: 1 });
    expect(gpus.nrPagesAt("gpu0")).toBe(16);
    expect(gpus.aperture(0, 15)).toBe(APERTURE_LOCAL);
    expect(gpus.aperture(0, 16)).toBeUndefined();
    expect(gpus.access(0, "read")).toMatchObject({ nrFaults: 0, values: FILLED });
  });

  test("brings larger and larger parts of the block, as more of it is there", () => {
    const gpus = new UvmGpus();
    const sizes = [0, 16, 32, 64, 128].map((at) => {
      gpus.access(0, "read", 0, 1, at);
      return gpus.nrPagesAt("gpu0");
    });
    expect(sizes).toEqual([16, 32, 64, 128, 256]);
  });

  test("brings one page alone without prefetching, or with too few faults for it", () => {
    for (const knobs of [{ uvm_perf_prefetch_enable: 0 }, { uvm_perf_prefetch_min_faults: 2 }]) {
      const gpus = new UvmGpus({}, knobs);
      gpus.access(0, "read", 0, 1);
      expect(gpus.nrPagesAt("gpu0")).toBe(1);
    }
  });

  test("finds what a peer has over NVLink or over PCI, and takes it", () => {
    for (const spec of [NVLINK, {}, ISOLATED]) {
      const gpus = new UvmGpus(spec);
      gpus.access(0, "write", 7);
      expect(gpus.access(1, "read")).toMatchObject({ rc: 0, values: Array(8).fill(7) });
      expect(gpus.place(0)).toBe("gpu1");
    }
  });

  test("outside every mapping is fatal, and inside a read-only one a write", () => {
    const gpus = new UvmGpus();
    expect(gpus.access(0, "read", 0, 1, 4096).rc).toBe(-14);
    expect(gpus.stack(0).stats.fatal_faults).toBe(1);
  });

  test("leads to system memory when that is forced; an atomic takes the page from the CPU", () => {
    const gpus = new UvmGpus({}, { uvm_fault_force_sysmem: 1 });
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, values: FILLED });
    expect(gpus.nrPagesAt("gpu0")).toBe(0);
    expect(gpus.aperture(0)).toBe(APERTURE_SYSTEM);
    expect(gpus.access(0, "atomic", 9, 1)).toMatchObject({ rc: 0, nrFaults: 1 });
    expect(gpus.aperture(0)).toBe(APERTURE_SYSTEM);
    expect(cpuAccess(gpus.small.world, gpus.small.task, BASE, true)).toBe(0);
    expect(gpus.aperture(0)).toBeUndefined();
  });

  test("is refused for memory of malloc() when HMM is off", () => {
    const knobs = { uvm_disable_hmm: 1, "uvm.memory": "system" } as const;
    expect(new UvmGpus({}, knobs).access(0, "read").rc).toBe(-14);
  });
});

describe("a fault of a CPU", () => {
  test("brings a region of the block back, and leaves the rest", () => {
    const gpus = new UvmGpus();
    gpus.pull(0, 512);
    expect(gpus.nrPagesAt("gpu0")).toBe(512);
    expect(cpuAccess(gpus.small.world, gpus.small.task, BASE, false)).toBe(0);
    expect(gpus.nrPagesAt("system")).toBe(16);
    expect(gpus.stack(0).stats).toMatchObject({ cpu_faults: 1, pages_in: 512, pages_out: 16 });
  });
});

describe("a preferred location", () => {
  test("on a peer keeps pages there, mapped in place: over NVLink, or through its BAR1", () => {
    for (const [spec, aperture] of [
      [NVLINK, APERTURE_INTERCONNECT],
      [{}, APERTURE_PCIE_P2P],
    ] as const) {
      const gpus = new UvmGpus(spec);
      gpus.advise(0, { preferredLocation: gpus.small.device("gpu0") });
      expect(gpus.access(1, "read")).toMatchObject({ rc: 0, values: FILLED });
      expect(gpus.place(0)).toBe("gpu0");
      expect(gpus.aperture(1)).toBe(aperture);
    }
  });

  test("is of no use to a GPU that cannot reach it", () => {
    for (const spec of [
      ISOLATED,
      { devices: [{ name: "gpu0", windowMib: 8 }, { name: "gpu1" }] },
    ]) {
      const gpus = new UvmGpus(spec);
      gpus.advise(0, { preferredLocation: gpus.small.device("gpu0") });
      gpus.access(1, "read");
      expect(gpus.place(0)).toBe("gpu1");
    }
  });

  test("in system memory keeps pages there, and an atomic does not move them", () => {
    const gpus = new UvmGpus();
    gpus.advise(0, { preferredLocation: "system" });
    expect(gpus.access(0, "atomic", 5).rc).toBe(0);
    expect(gpus.place(0)).toBe("system");
  });

  test("on the faulting GPU takes the whole block at first touch", () => {
    const gpus = new UvmGpus();
    gpus.advise(0, { preferredLocation: gpus.small.device("gpu0") });
    gpus.access(0, "read", 0, 1, 512);
    expect(gpus.nrPagesAt("gpu0")).toBe(512);
  });

  test("that is no GPU of the driver is refused, like advice of other drivers", () => {
    const gpus = new UvmGpus();
    expect(gpus.advise(0, { access: "in_place" })).toBe(-22);
  });
});

test("memory that is too small passes root chunks on, those allocated first in front", () => {
  const gpus = new UvmGpus({ devices: [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }] });
  for (const at of [0, 512, 1024]) gpus.access(0, "write", at + 1, 512, at);
  expect(gpus.stack(0).stats.evicted_chunks).toBe(1);
  expect([0, 512, 1024].map((at) => gpus.place(at))).toEqual(["system", "gpu0", "gpu0"]);
  // What was evicted is mapped where it went.
  expect(gpus.aperture(0, 0)).toBe(APERTURE_SYSTEM);
  expect(gpus.access(0, "read", 0, 512).values).toEqual(Array(512).fill(1));
  for (const stack of gpus.stacks) stack.close(stack.open(gpus.small.task.mm));
  assertWorldConsistent(gpus.small.world);
});

test("a parameter that the module does not take is named", () => {
  expect(() => new UvmGpus({}, { uvm_perf_prefetch_min_faults: 21 })).toThrow(
    "knobs.uvm_perf_prefetch_min_faults: out of range: 21; a whole number from 1 to 20",
  );
});
