import { APERTURE_INTERCONNECT, APERTURE_LOCAL, APERTURE_SYSTEM } from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  readPageContent,
  writePageContent,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { findMirrorProblems } from "../device/mirror-invariants.ts";
import { BASE } from "../test-kit/small-system.ts";
import { NVLINK, UvmGpus } from "../test-kit/uvm-gpus.ts";

const FILLED = Array.from({ length: 8 }, (_, i) => 100 + i);
const NO_PREFETCH = { uvm_perf_prefetch_enable: 0 } as const;

describe("accessed by", () => {
  test("maps at once what the GPU can reach, and a fault leaves pages where they are", () => {
    const gpus = new UvmGpus(NVLINK);
    gpus.pull(0, 512);
    gpus.advise(1, { accessedBy: true });
    expect(gpus.aperture(1)).toBe(APERTURE_INTERCONNECT);
    expect(gpus.access(1, "read")).toMatchObject({ nrFaults: 0, values: FILLED });
    expect(gpus.aperture(1, 600)).toBeUndefined();
    gpus.access(0, "write", 5, 1, 600);
    expect(gpus.aperture(1, 600)).toBe(APERTURE_INTERCONNECT);
    expect(gpus.place(600)).toBe("gpu0");
  });

  test("keeps system memory where it is", () => {
    const gpus = new UvmGpus();
    gpus.advise(0, { accessedBy: true });
    expect(gpus.aperture(0)).toBe(APERTURE_SYSTEM);
    expect(gpus.access(0, "write", 3)).toMatchObject({ rc: 0, nrFaults: 0 });
    expect(gpus.place(0)).toBe("system");
    gpus.advise(0, { accessedBy: false });
    gpus.access(0, "atomic", 4, 1);
    expect(gpus.place(0)).toBe("gpu0");
  });

  test("is no use where the holder cannot be reached", () => {
    const gpus = new UvmGpus({ host: "none", iommu: "translate" });
    gpus.pull(0, 512);
    gpus.advise(1, { accessedBy: true });
    expect(gpus.aperture(1)).toBeUndefined();
    gpus.access(1, "read");
    expect(gpus.place(0)).toBe("gpu1");
  });
});

describe("read mostly", () => {
  function duplicated(): UvmGpus {
    const gpus = new UvmGpus(NVLINK, NO_PREFETCH);
    gpus.advise(0, { readMostly: true });
    for (const n of [0, 1]) expect(gpus.access(n, "read").values).toEqual(FILLED);
    return gpus;
  }

  test("gives each reader a copy of its own and leaves the page where it is", () => {
    const gpus = duplicated();
    expect(gpus.nrPagesAt("system")).toBe(8);
    expect([gpus.aperture(0), gpus.aperture(1)]).toEqual([APERTURE_LOCAL, APERTURE_LOCAL]);
    expect([0, 1].map((n) => gpus.stack(n).stats.read_duplicates)).toEqual([8, 8]);
    const mirrors = gpus.stacks.map((stack) => stack.open(gpus.small.task.mm));
    expect(findMirrorProblems(mirrors)).toEqual([]);
  });

  test("lets a CPU read on, and its write ends the copies", () => {
    const gpus = duplicated();
    const { world, task } = gpus.small;
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(gpus.aperture(0)).toBe(APERTURE_LOCAL);
    expect(cpuAccess(world, task, BASE, true)).toBe(0);
    writePageContent(world, task.mm, BASE, 77);
    expect([gpus.aperture(0), gpus.aperture(1)]).toEqual([undefined, undefined]);
    expect(gpus.aperture(0, 1)).toBe(APERTURE_LOCAL);
    expect(gpus.access(1, "read", 0, 1).values).toEqual([77]);
  });

  test("collapses onto the GPU that writes", () => {
    const gpus = duplicated();
    expect(gpus.access(1, "write", 55, 1).rc).toBe(0);
    expect(gpus.place(0)).toBe("gpu1");
    expect(gpus.access(0, "read", 0, 1).values).toEqual([55]);
    expect(gpus.place(0)).toBe("gpu1");
    expect(gpus.access(1, "write", 56, 1).rc).toBe(0);
    expect(gpus.access(0, "read", 0, 1).values).toEqual([56]);
  });

  test("leaves a GPU its copy of what a CPU reads", () => {
    const gpus = new UvmGpus({}, NO_PREFETCH);
    gpus.advise(0, { readMostly: true });
    gpus.access(0, "write", 9, 4);
    const { world, task } = gpus.small;
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    expect(readPageContent(world, task.mm, BASE)).toBe(9);
    expect(gpus.place(0)).toBe("system");
    expect(gpus.access(0, "read", 0, 1)).toMatchObject({ nrFaults: 0, values: [9] });
    expect(gpus.aperture(0)).toBe(APERTURE_LOCAL);
  });

  test("ends with the advice, and nothing is left behind", () => {
    const gpus = duplicated();
    gpus.advise(0, { readMostly: false });
    expect(gpus.aperture(0)).toBeUndefined();
    const { task, world } = gpus.small;
    for (const stack of gpus.stacks) stack.close(stack.open(task.mm));
    for (const { attached } of gpus.stacks) {
      expect(attached.memory?.nrFree).toBe(attached.memory?.nrPages);
    }
    assertWorldConsistent(world);
  });
});
