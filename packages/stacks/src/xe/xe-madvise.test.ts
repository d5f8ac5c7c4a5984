import { APERTURE_LOCAL, APERTURE_PCIE_P2P, EINVAL } from "@faultline/core";
import {
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysMmap,
  sysMunmap,
} from "@faultline/engine";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BASE } from "../test-kit/small-system.ts";
import { XeCards } from "../test-kit/xe-cards.ts";
import { DEFAULT_XE_ATTRIBUTES, type XeAttributes, XeAttributeMap } from "./xe-attributes.ts";

/** Chunks of the first card's VM, as first page and length. */
function chunks(cards: XeCards): [number, number][] {
  const vm = cards.stack(0).vm(cards.small.task.mm);
  return vm.ranges.overlapping(BASE, 4096).map(({ start, nrPages }) => [start - BASE, nrPages]);
}

describe("a chunk and the ranges that were advised", () => {
  test("lies inside one of them: beside a range whose atomics are the CPU's it is smaller", () => {
    const cards = new XeCards();
    expect(cards.adviseAt(0, { atomic: "cpu" }, 256, 256)).toBe(0);
    cards.small.fill(512);
    cards.access(0, "read", 0, 1, 255);
    expect(chunks(cards)).toEqual([[240, 16]]);
    cards.access(0, "read", 0, 1, 256);
    expect(chunks(cards)).toEqual([
      [240, 16],
      [256, 16],
    ]);
    const { mm } = cards.small.task;
    const mirror = cards.stack(0).open(mm);
    const atomic = [255, 256].map((at) => mirror.lookup(BASE + at)?.atomic);
    expect(atomic).toEqual([true, false]);
  });

  test("is forgotten when advice begins inside it, and only then", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    cards.adviseAt(0, { atomic: "global" }, 0, 512);
    expect(chunks(cards)).toEqual([[0, 512]]);
    cards.adviseAt(0, { atomic: "global" }, 100, 8);
    expect(chunks(cards)).toEqual([]);
    expect(cards.aperture(0, 0)).toBeUndefined();
    expect(cards.access(0, "read").values).toEqual([100, 101, 102, 103, 104, 105, 106, 107]);
  });

  test("keeps its translations when the advice changes nothing", () => {
    const cards = new XeCards();
    cards.access(0, "read");
    cards.adviseAt(0, { preferredLocation: "default" }, 0, 512);
    expect(cards.aperture(0)).toBe(APERTURE_LOCAL);
    cards.adviseAt(0, { preferredLocation: "system" }, 0, 512);
    expect(cards.aperture(0)).toBeUndefined();
  });
});

describe("caching", () => {
  test("an index of the table is kept, one beyond it is -EINVAL", () => {
    const cards = new XeCards({}, { "xe.patEntries": 4 });
    const { attributes } = cards.stack(0).vm(cards.small.task.mm);
    expect(cards.adviseAt(0, { patIndex: 3 }, 0, 8)).toBe(0);
    expect(cards.adviseAt(0, { patIndex: 4 }, 0, 8)).toBe(-EINVAL);
    expect([attributes.at(BASE).patIndex, attributes.at(BASE + 8).patIndex]).toEqual([3, 0]);
  });
});

test("the purgeable state is for buffer objects: shared memory takes it and stays", () => {
  const cards = new XeCards();
  cards.access(0, "write", 7);
  expect(cards.adviseAt(0, { purgeable: "dontneed" }, 0, 512)).toBe(0);
  expect(cards.aperture(0)).toBe(APERTURE_LOCAL);
  expect(cards.access(0, "read").values).toEqual([7, 7, 7, 7, 7, 7, 7, 7]);
});

test("only-system-pages is stored, and a peer's chunk is pulled all the same", () => {
  const cards = new XeCards();
  cards.adviseAt(1, { migrationPolicy: "onlySystem" }, 0, 512);
  const { attributes } = cards.stack(1).vm(cards.small.task.mm);
  expect(attributes.at(BASE).migrationPolicy).toBe("onlySystem");
  cards.access(0, "read");
  cards.copies();
  cards.access(1, "read");
  expect(cards.copies()).toEqual(["gpu0 to gpu1"]);
});

test("advice for another driver is -EINVAL", () => {
  const cards = new XeCards();
  expect(cards.adviseAt(0, { access: "in_place" }, 0, 8)).toBe(-EINVAL);
  expect(cards.adviseAt(0, { accessedBy: true }, 0, 8)).toBe(-EINVAL);
});

test.each([
  [false, APERTURE_PCIE_P2P],
  [true, APERTURE_LOCAL],
])(
  "after munmap, with a VM that resets attributes (%s), new memory is as new or as before",
  (isReset, aperture) => {
    const cards = new XeCards({}, { "xe.madviseAutoreset": isReset });
    const { world, task } = cards.small;
    cards.adviseAt(1, { preferredLocation: cards.small.device("gpu0") }, 0, 512);
    cards.access(1, "read");
    runToCompletion(sysMunmap(world, task, BASE, 512));
    const range = { start: BASE, nrPages: 512, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(world, task, range));
    expect(cpuAccess(world, task, BASE, true)).toBe(0);
    expect(cards.access(1, "read", 0, 1).rc).toBe(0);
    expect(cards.aperture(1)).toBe(aperture);
  },
);

test("the map of attributes says what was set last, and cuts where advice begins and ends", () => {
  const names = ["undefined", "device", "global", "cpu"] as const;
  const step = fc.record({
    start: fc.nat(20),
    nrPages: fc.integer({ min: 1, max: 8 }),
    atomic: fc.option(fc.constantFrom(...names)),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const map = new XeAttributeMap();
      const model = Array.from({ length: 32 }, (): XeAttributes["atomic"] => "undefined");
      const cuts = new Set<number>();
      for (const { start, nrPages, atomic } of steps) {
        const before = model.slice(start, start + nrPages);
        model.fill(atomic ?? "undefined", start, start + nrPages);
        cuts.add(start).add(start + nrPages);
        if (atomic === null) map.reset({ start, nrPages });
        else {
          const isChanged = map.change({ start, nrPages }, { atomic });
          expect(isChanged).toBe(before.some((one) => one !== atomic));
        }
      }
      for (const [page, atomic] of model.entries()) {
        expect(map.at(page)).toEqual({ ...DEFAULT_XE_ATTRIBUTES, atomic });
        const { first, end } = map.vmaOf(page);
        expect(first).toBeLessThanOrEqual(page);
        expect(end).toBeGreaterThan(page);
        expect(new Set(model.slice(first, end)).size).toBe(1);
        if (first > 0) expect([...cuts]).toContain(first);
      }
    }),
  );
});
