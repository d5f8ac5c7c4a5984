import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  EAGAIN,
  ENOSYS,
  KERNEL_7_2_12,
  KERNEL_7_2_FIXED,
  type KernelPreset,
  type MmStruct,
  type TaskStruct,
} from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  readPageContent,
  runToCompletion,
  sysFork,
  sysMadvise,
  sysMunmap,
} from "@faultline/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bindDrivers } from "../bind-drivers.ts";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import type { NouveauAccess, NouveauFault } from "./fault-entry.ts";
import type { NouveauKnobs } from "./nouveau-knobs.ts";
import { NouveauStack } from "./nouveau-stack.ts";
import { serviceBuffer } from "./service-faults.ts";

const N = 16;
const FILLED = Array.from({ length: N }, (_, i) => 100 + i);

/** Two cards, and a mapping that the process has written. */
class Cards {
  readonly small: SmallSystem;
  readonly stacks: readonly NouveauStack[];

  constructor(kernel: KernelPreset = KERNEL_7_2_FIXED, knobs: Partial<NouveauKnobs> = {}) {
    const links = [["gpu0", "gpu1"]] as const;
    const devices = [{ name: "gpu0" }, { name: "gpu1" }];
    const settings = { thpEnabled: "always" } as const;
    this.small = new SmallSystem({ devices, links, kernel, settings });
    const { system } = this.small;
    const requests = system.machine.devices.map((device) => {
      return { device, stack: "nouveau" as const, knobs: { ...knobs } };
    });
    const bound = bindDrivers(system, new StepHost(), requests);
    this.stacks = bound.filter((one): one is NouveauStack => one instanceof NouveauStack);
    this.small.map(N);
    this.small.fill(N);
  }

  stack(n: number): NouveauStack {
    return this.stacks[n] as NouveauStack;
  }

  get mm(): MmStruct {
    return this.small.task.mm;
  }

  access(n: number, access: DeviceAccessKind, value = 0, nrPages = N, at = 0) {
    const stack = this.stack(n);
    const { task } = this.small;
    const request = { start: BASE + at, nrPages, access, value };
    return runToCompletion(deviceAccess(stack, stack.open(task.mm), task, request));
  }

  pull(n: number): number {
    const stack = this.stack(n);
    const { task } = this.small;
    const range = { start: BASE, nrPages: N };
    return runToCompletion(stack.prefetch(stack.open(task.mm), task, range));
  }

  /** Serves a buffer of `page access` entries. */
  batch(...entries: readonly (readonly [page: number, access: NouveauAccess])[]) {
    const { task } = this.small;
    return this.batchOf(() => task, entries);
  }

  batchOf(
    taskOf: () => TaskStruct | null,
    entries: readonly (readonly [page: number, access: NouveauAccess])[],
  ) {
    const faults = entries.map(
      ([page, access]): NouveauFault => ({ mm: this.mm, page: BASE + page, access }),
    );
    return runToCompletion(serviceBuffer(this.stack(0), faults, taskOf));
  }

  leaf(page: number) {
    return this.stack(0)
      .open(this.mm)
      .lookup(BASE + page);
  }
}

describe("a batch", () => {
  test("is sorted by address, then weakest first, and ends in one replay", () => {
    const cards = new Cards();
    const batch = cards.batch([3, "read"], [1, "write"], [2, "read"]);
    expect(batch).toMatchObject({ nrServed: 3, nrSkipped: 0 });
    expect(cards.stack(0).stats).toMatchObject({ batches: 1, replays: 1, fault_entries: 3 });
    expect([1, 2, 3].map((page) => cards.leaf(page)?.aperture)).toEqual([
      APERTURE_SYSTEM,
      APERTURE_SYSTEM,
      APERTURE_SYSTEM,
    ]);
  });

  test("skips the rest of a window whose first entry is satisfied: a write behind a read", () => {
    const cards = new Cards();
    expect(cards.batch([1, "write"], [1, "read"])).toMatchObject({ nrServed: 1, nrSkipped: 1 });
  });

  test("an atomic takes its page from the CPU", () => {
    const cards = new Cards();
    cards.batch([1, "atomic"]);
    expect(cards.leaf(1)).toMatchObject({ atomic: true, writable: true });
    expect(cards.leaf(2)).toBeNull();
  });

  test("7.2.12 takes the pages of later entries too, because its mark stays", () => {
    for (const [kernel, isAtomic] of [
      [KERNEL_7_2_12, true],
      [KERNEL_7_2_FIXED, false],
    ] as const) {
      const cards = new Cards(kernel);
      cards.batch([1, "atomic"], [2, "read"]);
      expect(cards.leaf(2)?.atomic, kernel.name).toBe(isAtomic);
    }
  });

  test("a fault that cannot be served kills the channel", () => {
    const cards = new Cards();
    const { world, task } = cards.small;
    runToCompletion(sysMunmap(world, task, BASE + 4, 1));
    expect(cards.batch([4, "read"]).killed.has(task.mm)).toBe(true);
    expect(cards.access(0, "read").rc).toBe(-14);
  });
});

describe("the buffer", () => {
  const entries = [
    [1, "write"],
    [0, "read"],
    [1, "read"],
    [0, "write"],
  ] as const;

  test.each([
    [0, { nrServed: 2, nrSkipped: 2 }, { batches: 1, replays: 1 }],
    [3, { nrServed: 3, nrSkipped: 1 }, { batches: 2, replays: 2 }],
    [2, { nrServed: 4, nrSkipped: 0 }, { batches: 2, replays: 2 }],
    [1, { nrServed: 4, nrSkipped: 0 }, { batches: 4, replays: 4 }],
  ])("read %i at a time", (size, batch, counters) => {
    const cards = new Cards(KERNEL_7_2_FIXED, { "nouveau.batch": size });
    expect(cards.batch(...entries)).toMatchObject(batch);
    expect(cards.stack(0).stats).toMatchObject({ ...counters, fault_entries: 4 });
  });

  test("an entry of an instance that nobody knows is cancelled, and nothing is replayed", () => {
    const cards = new Cards();
    const batch = cards.batchOf(() => null, [[1, "read"]]);
    expect(batch).toMatchObject({ nrServed: 0, nrSkipped: 0 });
    expect(batch.killed.has(cards.mm)).toBe(true);
    expect(cards.leaf(1)).toBeNull();
    expect(cards.stack(0).stats).toMatchObject({ faults_cancelled: 1, replays: 0 });
  });

  test("a prefetch maps what is there, makes nothing, and hides what lies behind it", () => {
    const cards = new Cards();
    const { world, task } = cards.small;
    runToCompletion(sysMadvise(world, task, BASE + 2, 1, "MADV_DONTNEED"));
    const batch = cards.batch([1, "prefetch"], [2, "prefetch"], [2, "read"]);
    expect(batch).toMatchObject({ nrServed: 2, nrSkipped: 1 });
    expect([cards.leaf(1)?.aperture, cards.leaf(2)]).toEqual([APERTURE_SYSTEM, null]);
    expect(task.mm.pageTable.bits(BASE + 2)).toBe(0);
  });

  test("what the CPU maps by one leaf is one window: entries inside are skipped", () => {
    const cards = new Cards();
    cards.small.map(512, 1024);
    cards.small.fill(512, 0, 1024);
    const batch = cards.batch([1024 + 7, "read"], [1024 + 8, "read"], [1024 + 511, "read"]);
    expect(batch).toMatchObject({ nrServed: 1, nrSkipped: 2 });
    expect(cards.leaf(1024)?.aperture).toBe(APERTURE_SYSTEM);
  });

  test("newer than Pascal: nobody reads it", () => {
    const cards = new Cards(KERNEL_7_2_FIXED, { "nouveau.family": "turing" });
    expect([cards.access(0, "read").rc, cards.pull(0)]).toEqual([-ENOSYS, -ENOSYS]);
    expect(cards.stack(0).stats.batches).toBe(0);
  });
});

describe("placement", () => {
  test("a fault maps system memory and moves nothing", () => {
    const cards = new Cards();
    expect(cards.access(0, "read")).toMatchObject({ rc: 0, values: FILLED });
    expect(cards.leaf(0)?.aperture).toBe(APERTURE_SYSTEM);
  });

  test("pages move when asked, and a peer's page comes to system memory, link or not", () => {
    const cards = new Cards();
    expect(cards.pull(0)).toBe(0);
    expect(cards.access(0, "read").values).toEqual(FILLED);
    expect(cards.leaf(0)?.aperture).toBe(APERTURE_LOCAL);
    expect(cards.access(1, "read").values).toEqual(FILLED);
    const mirror = cards.stack(1).open(cards.mm);
    expect(mirror.lookup(BASE)?.aperture).toBe(APERTURE_SYSTEM);
  });

  test("a CPU fault brings back one page", () => {
    const cards = new Cards();
    cards.pull(0);
    const { world, task } = cards.small;
    expect(cpuAccess(world, task, BASE, false)).toBe(0);
    const isPrivate = (i: number): boolean =>
      world.frames.pgmapOf(task.mm.pageTable.val(BASE + i)) !== null;
    expect([isPrivate(0), isPrivate(1)]).toEqual([false, true]);
  });
});

test("what was asked for moves 2 MiB at a time, and a CPU brings back a whole huge page", () => {
  const cards = new Cards();
  const { world, task } = cards.small;
  cards.small.map(1024, 1024);
  cards.small.fill(1024, 0, 1024);
  const stack = cards.stack(0);
  const range = { start: BASE + 1024, nrPages: 1024 };
  world.effort.clear();
  const verb = stack.prefetch(stack.open(task.mm), task, range);
  let nrCopies = 0;
  for (let step = verb.next(); step.done !== true; step = verb.next()) {
    if (step.value.reason === "copy") nrCopies++;
  }
  expect(nrCopies).toBe(2);
  expect([cards.small.place(1024), cards.small.place(2047)]).toEqual(["gpu0", "gpu0"]);
  expect(cpuAccess(world, task, BASE + 1024 + 7, false)).toBe(0);
  expect([1024, 1535, 1536].map((at) => cards.small.place(at))).toEqual([
    "system",
    "system",
    "gpu0",
  ]);
});

test("random accesses read what was written last", () => {
  const operation = fc.record({
    who: fc.constantFrom("cpu", "gpu0", "gpu1", "pull 0", "pull 1"),
    access: fc.constantFrom("read", "write", "atomic" as DeviceAccessKind),
    at: fc.nat(N - 1),
  });
  const presets = fc.constantFrom(KERNEL_7_2_12, KERNEL_7_2_FIXED);
  fc.assert(
    fc.property(presets, fc.array(operation, { maxLength: 30 }), (kernel, operations) => {
      const cards = new Cards(kernel);
      const { world, task } = cards.small;
      const model = [...FILLED];
      operations.forEach(({ who, access, at }, n) => {
        if (who.startsWith("pull")) cards.pull(who === "pull 0" ? 0 : 1);
        else if (who === "cpu") {
          const isWrite = access !== "read";
          expect(cpuAccess(world, task, BASE + at, isWrite)).toBe(0);
          if (isWrite) cards.small.fill(1, n, at);
          else expect(readPageContent(world, task.mm, BASE + at)).toBe(model[at]);
          if (isWrite) model[at] = n;
        } else {
          const { rc, values } = cards.access(who === "gpu0" ? 0 : 1, access, n, 1, at);
          expect(rc).toBe(0);
          if (access === "read") expect(values).toEqual([model[at]]);
          else model[at] = n;
        }
      });
      for (const stack of cards.stacks) stack.close(stack.open(task.mm));
      assertWorldConsistent(world);
    }),
    { numRuns: 80 },
  );
});

test.each([
  [KERNEL_7_2_FIXED, 0],
  // It faults for ever; the device gives up.
  [KERNEL_7_2_12, -EAGAIN],
] as const)("a write to an own page that fork has made read-only, %j", (kernel, rc) => {
  const cards = new Cards(kernel);
  cards.pull(0);
  runToCompletion(sysFork(cards.small.world, cards.small.task));
  expect(cards.access(0, "read")).toMatchObject({ rc: 0, values: FILLED });
  expect(cards.access(0, "write", 7).rc).toBe(rc);
});
