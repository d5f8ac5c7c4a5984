import { APERTURE_LOCAL, APERTURE_SYSTEM } from "@faultline/core";
import {
  cpuAccess,
  PROT_NONE,
  PROT_READ,
  runToCompletion,
  sysFork,
  sysMprotect,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import { HIVE, KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";

const ALWAYS_MAPPED = "KFD_IOCTL_SVM_FLAG_GPU_ALWAYS_MAPPED";
const MS = 1_000_000_000;

function fork(gpus: KfdGpus): void {
  const child = runToCompletion(sysFork(gpus.small.world, gpus.small.task));
  if (typeof child === "number") throw new Error(`fork returned ${child}`);
}

describe("queues that stop", () => {
  test("without XNACK no retry fault is ever told", () => {
    const gpus = new KfdGpus(HIVE, { "kfd.xnack": false });
    gpus.advise(0, { access: "access" });
    gpus.access(0, "write", 4);
    fork(gpus);
    gpus.host.advance(2 * MS);
    gpus.access(0, "read", 0, 1, 1500);
    const lines = gpus.stacks.flatMap(({ smiLines }) => smiLines);
    expect(lines.map((line) => line.split(" ")[0]).toSorted()).toEqual(["1", "9", "9", "a", "a"]);
  });

  test("run again a millisecond after the first change, whatever else changes by then", () => {
    const gpus = new KfdGpus({}, { "kfd.xnack": false });
    gpus.advise(0, { access: "access" }, 1024);
    gpus.access(0, "read", 0, 1024);
    gpus.events(0);
    const { world, task } = gpus.small;
    runToCompletion(sysMprotect(world, task, BASE, 8, PROT_READ));
    gpus.host.advance(0.6 * MS);
    runToCompletion(sysMprotect(world, task, BASE + 1000, 8, PROT_READ));
    gpus.host.advance(0.4 * MS - 1);
    expect(gpus.access(0, "read").rc).toBe(-11);
    gpus.host.advance(1);
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0 });
    const kinds = gpus.events(0).map((line) => line.charAt(0));
    expect(kinds).toEqual(["9", "a"]);
  });

  test("stay stopped while a range cannot be mapped: told with R, once a millisecond", () => {
    const gpus = new KfdGpus({}, { "kfd.xnack": false });
    gpus.advise(0, { access: "access" });
    gpus.events(0);
    const { world, task } = gpus.small;
    runToCompletion(sysMprotect(world, task, BASE, 512, PROT_NONE));
    gpus.host.advance(2.5 * MS);
    const stopped = gpus.events(0).map((line) => line.replace(/^(\w) .* (\w)$/, "$1 $2"));
    expect(stopped).toEqual(["9 0", "a R", "a R"]);
    runToCompletion(sysMprotect(world, task, BASE, 512, PROT_READ));
    gpus.host.advance(0.5 * MS);
    expect(gpus.events(0)).toEqual([expect.stringMatching(/^a .* 0$/)]);
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0 });
  });

  test("ALWAYS_MAPPED does so with XNACK: mapped at once, restored 1 ms after a change", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { access: "access", setFlags: [ALWAYS_MAPPED] });
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0 });
    gpus.events(0);
    fork(gpus);
    expect(gpus.events(0)).toEqual([expect.stringMatching(/^9 .* 1 0$/)]);
    expect(gpus.access(0, "read").rc).toBe(-11);
    gpus.host.advance(MS - 1);
    expect(gpus.events(0)).toEqual([]);
    gpus.host.advance(1);
    expect(gpus.events(0)).toEqual([expect.stringMatching(/^a .* 1 0$/)]);
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0 });
    gpus.advise(0, { clrFlags: [ALWAYS_MAPPED] });
    fork(gpus);
    expect(gpus.events(0)).toEqual(["b (200) 1 0"]);
  });
});

describe("ranges that are kept mapped", () => {
  test("on the holder and on GPUs in place, and nothing comes back for the others", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { setFlags: [ALWAYS_MAPPED] });
    const { task } = gpus.small;
    const stack = gpus.stack(0);
    const range = { start: BASE, nrPages: 512 };
    runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
    const before = gpus.place(0);
    fork(gpus);
    gpus.host.advance(MS);
    expect([before, gpus.place(0)]).toEqual(["gpu0", "gpu0"]);
    expect([gpus.aperture(0), gpus.aperture(1)]).toEqual([APERTURE_LOCAL, undefined]);
  });

  test("on GPUs of several hives not while one of them holds pages: queues wait for a CPU", () => {
    const gpus = new KfdGpus();
    const { world, task } = gpus.small;
    gpus.advise(1, { access: "in_place" });
    gpus.advise(0, { setFlags: [ALWAYS_MAPPED] });
    expect([gpus.aperture(0), gpus.aperture(1)]).toEqual([undefined, APERTURE_SYSTEM]);
    gpus.access(0, "read", 0, 1);
    expect(gpus.place(0)).toBe("gpu0");
    gpus.events(0);
    gpus.host.advance(2 * MS);
    const restored = gpus.events(0).map((line) => line.replace(/^(\w) .* (\w)$/, "$1 $2"));
    expect([restored, gpus.place(0)]).toEqual([["a R", "a R"], "gpu0"]);
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    gpus.host.advance(MS);
    expect(gpus.events(0).at(-1)).toMatch(/^a .* 0$/);
    expect(gpus.aperture(1)).toBe(APERTURE_SYSTEM);
  });

  test("on every GPU with access where the range is in system memory", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { setFlags: [ALWAYS_MAPPED] });
    expect([gpus.aperture(0), gpus.aperture(1)]).toEqual([APERTURE_SYSTEM, APERTURE_SYSTEM]);
  });
});
