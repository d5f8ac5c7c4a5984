import { APERTURE_INTERCONNECT, APERTURE_LOCAL, APERTURE_SYSTEM } from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  readPageContent,
  runToCompletion,
  sysFork,
  sysMprotect,
  PROT_READ,
  PROT_WRITE,
} from "@faultline/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { HIVE, KfdGpus } from "../test-kit/kfd-gpus.ts";
import { BASE } from "../test-kit/small-system.ts";
import { smiLine } from "./smi-events.ts";

const MS = 1_000_000_000;
const FILLED = [100, 101, 102, 103, 104, 105, 106, 107];

describe("a retry fault", () => {
  test("makes a range of 2 MiB, migrates it, and tells START, the move, END with M", () => {
    const gpus = new KfdGpus();
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 1, values: FILLED });
    expect([gpus.place(0), gpus.place(511), gpus.aperture(0)]).toEqual([
      "gpu0",
      "gpu0",
      APERTURE_LOCAL,
    ]);
    expect(gpus.events(0)).toEqual([
      "7 (1) R",
      "5 (200) 0->1 ffffffff:ffffffff 1",
      "6 (200) 0->1 1 0",
      "8 (1) M",
    ]);
  });

  test("is refused where the GPU has no access, and where the mapping forbids it", () => {
    const gpus = new KfdGpus();
    gpus.advise(0, { access: "none" });
    expect(gpus.access(0, "read").rc).toBe(-13);
    const { world, task } = gpus.small;
    runToCompletion(sysMprotect(world, task, BASE + 512, 512, PROT_READ));
    expect(gpus.access(0, "write", 1, 1, 512).rc).toBe(-1);
    runToCompletion(sysMprotect(world, task, BASE + 512, 512, PROT_READ | PROT_WRITE));
    expect(gpus.access(0, "write", 1, 1, 512).rc).toBe(0);
  });

  test("falls back to system memory when the GPU is smaller than the range", () => {
    const gpus = new KfdGpus({ devices: [{ name: "gpu0", memoryMib: 4 }, { name: "gpu1" }] });
    gpus.advise(0, { access: "access" }, 2048);
    expect(gpus.access(0, "read").values).toEqual(FILLED);
    expect([gpus.place(0), gpus.aperture(0)]).toEqual(["system", APERTURE_SYSTEM]);
  });
});

describe("two GPUs", () => {
  test("S5: in a hive, with access: the whole range leaves, the granule arrives", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.advise(0, { access: "access" }, 1024);
    gpus.small.fill(1024);
    gpus.access(0, "read", 0, 1024);
    expect([gpus.place(0), gpus.place(1023)]).toEqual(["gpu0", "gpu0"]);
    gpus.events(0);
    gpus.access(1, "read", 0, 1);
    expect([gpus.place(0), gpus.place(511), gpus.place(512)]).toEqual(["gpu1", "gpu1", "system"]);
    expect(gpus.events(0).filter((line) => line.startsWith("5"))).toEqual([
      "5 (400) 1->0 ffffffff:ffffffff 1",
    ]);
    expect(gpus.events(1).filter((line) => line.startsWith("5"))).toEqual([
      "5 (200) 0->2 ffffffff:ffffffff 1",
    ]);
  });

  test("kfd.vramToVram bounceGranule moves no more than the granule", () => {
    const gpus = new KfdGpus(HIVE, { "kfd.vramToVram": "bounceGranule" });
    gpus.advise(0, { access: "access" }, 1024);
    gpus.small.fill(1024);
    gpus.access(0, "read", 0, 1024);
    gpus.access(1, "read", 0, 1);
    expect([gpus.place(0), gpus.place(512)]).toEqual(["gpu1", "gpu0"]);
  });

  test("S6: in a hive, in place: nothing leaves, an empty move is told, END has M", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.advise(1, { access: "in_place" });
    gpus.advise(0, { access: "access" });
    gpus.access(0, "read");
    gpus.events(0);
    expect(gpus.access(1, "write", 9)).toMatchObject({ rc: 0 });
    expect([gpus.place(0), gpus.aperture(1)]).toEqual(["gpu0", APERTURE_INTERCONNECT]);
    // The empty move still takes the holder's own entries away: trigger 1, by migration.
    expect(gpus.events(0)).toEqual([
      "5 (200) 0->1 ffffffff:ffffffff 1",
      "b (200) 1 1",
      "6 (200) 0->1 1 0",
    ]);
    expect(gpus.events(1)).toEqual(["7 (2) W", "8 (2) M"]);
    expect(gpus.access(0, "read").values).toEqual(FILLED.map(() => 9));
  });

  test("S7: outside a hive, in place: the granule goes to system memory, mapped there", () => {
    const gpus = new KfdGpus();
    gpus.advise(1, { access: "in_place" });
    gpus.access(0, "read");
    expect(gpus.access(1, "read").values).toEqual(FILLED);
    expect([gpus.place(0), gpus.aperture(1)]).toEqual(["system", APERTURE_SYSTEM]);
  });

  test("in place, outside a hive, the rest of a larger range keeps the other GPU out", () => {
    const gpus = new KfdGpus();
    gpus.advise(1, { access: "in_place" }, 1024);
    gpus.small.fill(1024);
    gpus.access(0, "read", 0, 1024);
    expect(gpus.access(1, "read", 0, 1).rc).toBe(-11);
    expect([gpus.place(0), gpus.place(512)]).toEqual(["system", "gpu0"]);
  });

  test("a preferred GPU of the hive gets the data, and the other reads it there", () => {
    const gpus = new KfdGpus(HIVE);
    gpus.advise(1, { preferredLocation: gpus.small.device("gpu0") });
    expect(gpus.access(1, "read").values).toEqual(FILLED);
    expect([gpus.place(0), gpus.aperture(1)]).toEqual(["gpu0", APERTURE_INTERCONNECT]);
  });

  test("a prefetch is honoured unless a GPU that must reach the pages cannot", () => {
    const gpus = new KfdGpus();
    const { task } = gpus.small;
    const range = { start: BASE, nrPages: 512 };
    gpus.advise(1, { access: "in_place" });
    const stack = gpus.stack(0);
    expect(runToCompletion(stack.prefetch(stack.open(task.mm), task, range))).toBe(0);
    expect(gpus.place(0)).toBe("system");
    gpus.advise(1, { access: "access" });
    runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
    expect(gpus.place(0)).toBe("gpu0");
  });
});

describe("without XNACK", () => {
  test("ranges are mapped beforehand, a change stops the queues, and a worker restores", () => {
    const gpus = new KfdGpus({}, { "kfd.xnack": false });
    expect(gpus.access(0, "read").rc).toBe(-14);
    gpus.advise(0, { access: "access" });
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0, values: FILLED });
    gpus.events(0);
    const { world, task } = gpus.small;
    runToCompletion(sysFork(world, task));
    expect(gpus.events(0)).toEqual([expect.stringMatching(/^9 .* 1 0$/)]);
    expect(gpus.access(0, "read").rc).toBe(-11);
    gpus.host.advance(MS);
    expect(gpus.access(0, "read")).toMatchObject({ rc: 0, nrFaults: 0 });
    expect(gpus.events(0).at(-1)).toMatch(/^a .* 1 0$/);
  });
});

test("a CPU fault brings back the granule, not the range", () => {
  const gpus = new KfdGpus();
  gpus.advise(0, { access: "access" }, 1024);
  gpus.small.fill(1024);
  gpus.access(0, "read", 0, 1024);
  const { world, task } = gpus.small;
  expect(cpuAccess(world, task, BASE + 600, false)).toBe(0);
  expect([gpus.place(511), gpus.place(512), gpus.place(1023)]).toEqual([
    "gpu0",
    "system",
    "system",
  ]);
});

test("the lines have the kernel's formats", () => {
  const at = 1234567;
  expect(
    smiLine(
      {
        kind: "MIGRATE_START",
        start: 0xabc,
        nrPages: 512,
        from: 0,
        to: 0x1f,
        prefetchLoc: 0,
        preferredLoc: 0xffffffff,
        trigger: 1,
      },
      4711,
      at * 1000,
    ),
  ).toBe("5 1234567 -4711 @abc(200) 0->1f 0:ffffffff 1");
  const restored = { kind: "QUEUE_RESTORE", node: 31, isRescheduled: true } as const;
  expect(smiLine(restored, 1, 0)).toBe("a 0 -1 1f R");
});

test("random accesses read what was written last, in hives and outside", () => {
  const operation = fc.record({
    who: fc.constantFrom("cpu", "gpu0", "gpu1"),
    access: fc.constantFrom("read", "write", "atomic" as DeviceAccessKind),
    at: fc.nat(1200),
    advice: fc.constantFrom(null, "access", "in_place", "system", "gpu0", "gpu1"),
  });
  const modes = fc.constantFrom("bounceWholeRange" as const, "bounceGranule" as const);
  fc.assert(
    fc.property(
      fc.boolean(),
      modes,
      fc.array(operation, { maxLength: 30 }),
      (inHive, mode, list) => {
        const gpus = new KfdGpus(inHive ? HIVE : {}, { "kfd.vramToVram": mode });
        const { world, task } = gpus.small;
        const model = new Map(FILLED.map((value, i) => [i, value]));
        list.forEach(({ who, access, at, advice }, n) => {
          gpus.host.advance(3 * MS);
          if (who === "cpu") {
            const isWrite = access !== "read";
            expect(cpuAccess(world, task, BASE + at, isWrite)).toBe(0);
            if (isWrite) gpus.small.fill(1, n, at);
            else expect(readPageContent(world, task.mm, BASE + at)).toBe(model.get(at) ?? 0);
            if (isWrite) model.set(at, n);
            return;
          }
          const gpu = who === "gpu0" ? 0 : 1;
          const start = at - (at % 512);
          if (advice === "access" || advice === "in_place")
            gpus.advise(gpu, { access: advice }, 512, start);
          else if (advice === "system")
            gpus.advise(gpu, { preferredLocation: "system" }, 512, start);
          else if (advice !== null) {
            gpus.advise(gpu, { preferredLocation: gpus.small.device(advice) }, 512, start);
          }
          const { rc, values } = gpus.access(gpu, access, n, 1, at);
          expect(rc).toBe(0);
          if (access === "read") expect(values).toEqual([model.get(at) ?? 0]);
          else model.set(at, n);
        });
        for (const stack of gpus.stacks) stack.close(stack.open(task.mm));
        assertWorldConsistent(world);
      },
    ),
    { numRuns: 60 },
  );
});
