import { APERTURE_LOCAL, APERTURE_SYSTEM } from "@faultline/core";
import { runToCompletion } from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { UvmGpus } from "../test-kit/uvm-gpus.ts";

/** A GPU that maps system memory from afar. */
function remote(gpus: UvmGpus): UvmGpus {
  gpus.advise(0, { accessedBy: true });
  expect(gpus.aperture(0)).toBe(APERTURE_SYSTEM);
  return gpus;
}

function count(gpus: UvmGpus, nrAccesses: number, nrPages = 8, at = 0): number {
  const stack = gpus.stack(0);
  const { task } = gpus.small;
  const range = { start: BASE + at, nrPages };
  return runToCompletion(stack.countAccesses(stack.open(task.mm), task, range, nrAccesses));
}

describe("access counters", () => {
  test("bring the touched part of 64 KiB after 256 accesses, although accessed-by is set", () => {
    const gpus = remote(new UvmGpus({}, { uvm_perf_access_counter_migration_enable: 1 }));
    gpus.small.fill(32);
    gpus.advise(0, { accessedBy: true });
    expect(count(gpus, 31)).toBe(0);
    expect(gpus.place(0)).toBe("system");
    expect(count(gpus, 1)).toBe(16);
    expect([gpus.place(0), gpus.place(15), gpus.place(16)]).toEqual(["gpu0", "gpu0", "system"]);
    expect(gpus.aperture(0)).toBe(APERTURE_LOCAL);
    expect(gpus.stack(0).stats.access_counter_notifications).toBe(1);
  });

  test("count nothing that is the GPU's own", () => {
    const gpus = new UvmGpus({}, { uvm_perf_access_counter_migration_enable: 1 });
    gpus.access(0, "read");
    count(gpus, 1000);
    expect(gpus.stack(0).stats.access_counter_notifications).toBe(0);
  });

  test("are off by themselves, except where CPUs reach the memory coherently", () => {
    expect(count(remote(new UvmGpus()), 1000)).toBe(0);
    const coherent = new UvmGpus({ devices: [{ name: "gpu0", coherent: true }] });
    // Under ATS a fault maps what a CPU has touched where it is.
    expect(coherent.access(0, "read").rc).toBe(0);
    expect(coherent.place(0)).toBe("system");
    expect(count(coherent, 32)).toBe(8);
    expect(coherent.place(0)).toBe("gpu0");
  });

  test("leave what a preferred location holds", () => {
    const gpus = new UvmGpus({}, { uvm_perf_access_counter_migration_enable: 1 });
    gpus.advise(0, { preferredLocation: "system" });
    gpus.access(0, "read");
    expect(count(gpus, 100)).toBe(0);
    expect(gpus.place(0)).toBe("system");
  });
});

test("under ATS what nobody has touched comes to the GPU, and a fault moves nothing else", () => {
  const gpus = new UvmGpus({ devices: [{ name: "gpu0", coherent: true }] });
  gpus.access(0, "write", 3, 2, 7);
  expect([gpus.place(7), gpus.place(8)]).toEqual(["system", "gpu0"]);
  const faulting = new UvmGpus(
    { devices: [{ name: "gpu0", coherent: true }] },
    { uvm_ats_mode: 0 },
  );
  faulting.access(0, "write", 3, 1, 7);
  expect(faulting.place(7)).toBe("gpu0");
});
