import {
  APERTURE_LOCAL,
  APERTURE_SYSTEM,
  EACCES,
  EINVAL,
  EIO,
  ENODATA,
  EPERM,
  VM_PFNMAP,
} from "@faultline/core";
import {
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMmap,
  sysMprotect,
  type Verb,
} from "@faultline/engine";
import { describe, expect, test } from "vitest";
import type { PrefetchRegion } from "../device/device-stack.ts";
import { BASE } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";

const MIB = 2 ** 20;
const FILLED = [100, 101, 102, 103, 104, 105, 106, 107];

/** Maps pages that are no private anonymous memory. */
function mapOther(cards: XeCards, at: number, kind: { shared?: boolean; hugetlb?: boolean }): void {
  const { world, task } = cards.small;
  const prot = PROT_READ | PROT_WRITE;
  const request = { start: BASE + at, nrPages: 512, prot, shared: false, ...kind };
  expect(runToCompletion(sysMmap(world, task, request))).toBeGreaterThanOrEqual(0);
}

/** Chunks of the first card's VM, by their length. */
function sizes(cards: XeCards, ...places: number[]): (number | undefined)[] {
  const { ranges } = cards.stack(0).vm(cards.small.task.mm);
  return places.map((at) => ranges.at(BASE + at)?.nrPages);
}

describe("there is no chunk", () => {
  test("in memory of a device, or without a struct page: -EIO", () => {
    const cards = new XeCards();
    const vma = cards.small.task.mm.vmaAt(BASE);
    if (vma !== null) vma.vmFlags |= VM_PFNMAP;
    expect(cards.access(0, "read").rc).toBe(-EIO);
  });

  test("for a write where the mapping only reads: -EPERM", () => {
    const cards = new XeCards();
    const { world, task } = cards.small;
    runToCompletion(sysMprotect(world, task, BASE, 2048, PROT_READ));
    expect(cards.access(0, "write", 5).rc).toBe(-EPERM);
    expect(cards.access(0, "read").values).toEqual(FILLED);
  });

  test("where none of the sizes fits: -EINVAL", () => {
    const cards = new XeCards({}, { "xe.chunkSizes": [2 * MIB] });
    cards.small.map(40, 4096);
    expect(cards.access(0, "read", 0, 1, 4096).rc).toBe(-EINVAL);
  });
});

describe("memory that no card holds", () => {
  test.each([{ shared: true }, { hugetlb: true }])("%j is used where it is", (kind) => {
    const cards = new XeCards();
    mapOther(cards, 4096, kind);
    expect(cards.access(0, "write", 5, 1, 4096).rc).toBe(0);
    expect([cards.place(4096), cards.aperture(0, 4096)]).toEqual(["system", APERTURE_SYSTEM]);
    expect(cards.access(0, "atomic", 6, 1, 4096).rc).toBe(-EACCES);
  });
});

test("pages of a foreign card count as absent: a chunk of 64 KiB shrinks to one", () => {
  const cards = new XeCards(
    { host: "none", iommu: "translate" },
    { "xe.chunkSizes": [65536, 4096] },
  );
  cards.small.fill(64);
  cards.access(1, "read", 0, 1, 16);
  expect(cards.place(16)).toBe("gpu1");
  cards.access(0, "read", 0, 1, 16);
  cards.access(0, "read", 0, 1, 32);
  expect(sizes(cards, 16, 32)).toEqual([1, 16]);
});

test("pages of a peer's count as present", () => {
  const cards = new XeCards({}, { "xe.chunkSizes": [65536, 4096] });
  cards.small.fill(64);
  cards.access(1, "read", 0, 1, 16);
  cards.access(0, "read", 0, 1, 16);
  expect(sizes(cards, 16)).toEqual([16]);
});

test("a chunk lies inside one notifier", () => {
  const cards = new XeCards({}, { "xe.notifierSize": 65536 });
  cards.small.fill(64);
  cards.access(0, "read", 0, 1, 5);
  expect(sizes(cards, 5)).toEqual([16]);
});

describe("a prefetch", () => {
  function prefetch(cards: XeCards, region: PrefetchRegion, nrPages = 8): number {
    const stack = cards.stack(0);
    const { task } = cards.small;
    const range = { start: BASE, nrPages };
    return runToCompletion(stack.prefetchTo(stack.open(task.mm), task, range, region));
  }

  test.each([
    ["local", "gpu0", APERTURE_LOCAL],
    ["system", "system", APERTURE_SYSTEM],
    ["preferred", "system", APERTURE_SYSTEM],
  ] as const)("to %s goes to %s, and maps", (region, place, aperture) => {
    const cards = new XeCards();
    cards.access(0, "read");
    cards.advise(0, { preferredLocation: "system" });
    expect(prefetch(cards, region)).toBe(0);
    expect([cards.place(0), cards.aperture(0)]).toEqual([place, aperture]);
    expect(cards.access(0, "read")).toMatchObject({ nrFaults: 0, values: FILLED });
  });

  test("of what cannot be had is -ENODATA, and may be repeated; chunks before it move", () => {
    const cards = new XeCards();
    cards.small.fill(1024);
    const { world, task } = cards.small;
    const held = task.mm.pageTable.val(BASE + 600);
    world.frames.addExtraRefs(held, 1);
    expect(prefetch(cards, "local", 1024)).toBe(-ENODATA);
    expect([cards.place(0), cards.place(512)]).toEqual(["gpu0", "system"]);
    world.frames.addExtraRefs(held, -1);
    expect(prefetch(cards, "local", 1024)).toBe(0);
    expect(cards.place(512)).toBe("gpu0");
  });

  test("that a card raises as a fault is no error, whatever comes of it", () => {
    const cards = new XeCards();
    const stack = cards.stack(0);
    const { task } = cards.small;
    const fault = (page: number): number => {
      return runToCompletion(stack.prefetchFault(stack.open(task.mm), task, page));
    };
    expect([fault(BASE), fault(BASE + 9999)]).toEqual([0, 0]);
    expect(cards.place(0)).toBe("gpu0");
  });
});

test("an allocation with a page that somebody holds stays, and the next one makes room", () => {
  const cards = new XeCards({ devices: [{ name: "gpu0", memoryMib: 4 }] });
  cards.small.fill(1536);
  for (const chunk of [0, 1]) cards.access(0, "read", 0, 1, chunk * 512);
  const { world, task } = cards.small;
  const held = task.mm.pageTable.val(BASE + 7);
  world.frames.addExtraRefs(held, 1);
  expect(cards.access(0, "read", 0, 1, 1024).rc).toBe(0);
  expect([cards.place(7), cards.place(512), cards.place(1024)]).toEqual(["gpu0", "system", "gpu0"]);
  world.frames.addExtraRefs(held, -1);
});

describe("migrations that race", () => {
  /** Runs a verb up to a wait for some reason; false when it ended before. */
  function until(verb: Verb<unknown>, reason: string): boolean {
    for (let step = verb.next(); step.done !== true; step = verb.next()) {
      if (step.value.reason === reason) return true;
    }
    return false;
  }

  test("two run side by side, and one that has failed runs alone", () => {
    const cards = new XeCards();
    cards.small.fill(1536);
    const { world, task } = cards.small;
    const held = task.mm.pageTable.val(BASE);
    world.frames.addExtraRefs(held, 1);
    const lock = cards.driver.migrationLock;
    const [first, second] = [512, 1024].map((at) => cards.accessing(1, "read", 0, 1, at));
    if (first === undefined || second === undefined) throw new Error("two are needed");
    expect([until(first, "copy"), until(second, "copy"), lock.readers]).toEqual([true, true, 2]);
    // The page that is held makes the third one fail, which then wants to be alone.
    const third = cards.accessing(0, "read", 0, 1, 0);
    expect([until(third, "driver-lock"), lock.nrWaitingWriters]).toEqual([true, 1]);
    const fourth = cards.accessing(0, "read", 0, 1, 1536);
    expect([until(fourth, "driver-lock"), lock.readers]).toEqual([true, 2]);
    expect([until(first, "none"), until(second, "none")]).toEqual([false, false]);
    world.frames.addExtraRefs(held, -1);
    expect([until(third, "copy"), lock.isWritten]).toEqual([true, true]);
    expect(until(fourth, "driver-lock")).toBe(true);
    expect([until(third, "none"), lock.isWritten, until(fourth, "none")]).toEqual([
      false,
      false,
      false,
    ]);
    expect([cards.place(0), cards.place(512), cards.place(1024), cards.place(1536)]).toEqual([
      "gpu0",
      "gpu1",
      "gpu1",
      "gpu0",
    ]);
    expect([lock.readers, lock.nrWaitingWriters]).toEqual([0, 0]);
  });
});
