import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../invariant-error.ts";
import { RangeAllocator } from "./range-allocator.ts";

describe("RangeAllocator", () => {
  test("gives the highest range that fits below the limit, aligned", () => {
    const ranges = new RangeAllocator(1, 100);
    expect(ranges.allocHighest(3, 4)).toBe(96);
    expect(ranges.allocHighest(3, 4)).toBe(92);
    expect(ranges.allocHighest(1)).toBe(99);
    expect(ranges.allocHighest(4, 4, 50)).toBe(44);
    expect(ranges.allocHighest(50)).toBe(-1);
  });

  test("gives the lowest range on request", () => {
    const ranges = new RangeAllocator(10, 20);
    expect([ranges.allocLowest(4), ranges.allocLowest(4), ranges.allocLowest(4)]).toEqual([
      10, 14, -1,
    ]);
  });

  test("never gives what is reserved", () => {
    const ranges = new RangeAllocator(0, 16);
    ranges.reserve(4, 12);
    ranges.reserve(2, 6);
    expect(ranges.nrFree).toBe(6);
    expect([ranges.allocHighest(4), ranges.allocHighest(3), ranges.allocHighest(2)]).toEqual([
      12, -1, 0,
    ]);
  });

  test("numbers may exceed 32 bits", () => {
    const ranges = new RangeAllocator(0, 2 ** 45);
    expect(ranges.allocHighest(1, 2 ** 20)).toBe(2 ** 45 - 2 ** 20);
  });

  test("refuses a second free", () => {
    const ranges = new RangeAllocator(0, 16);
    ranges.allocHighest(4);
    ranges.free(12, 4);
    expect(() => ranges.free(12, 4)).toThrow(InvariantError);
    expect(() => ranges.free(10, 4)).toThrow(InvariantError);
  });

  test("whatever is taken and given back, ranges do not overlap and nothing is lost", () => {
    const step = fc.record({
      nrPages: fc.integer({ min: 1, max: 9 }),
      alignment: fc.constantFrom(1, 2, 4, 8),
      freed: fc.option(fc.nat(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ranges = new RangeAllocator(1, 64);
        const held: [start: number, nrPages: number][] = [];
        for (const { nrPages, alignment, freed } of steps) {
          if (freed !== undefined && held.length > 0) {
            const [[start, size] = [0, 0]] = held.splice(freed % held.length, 1);
            ranges.free(start, size);
            continue;
          }
          const start = ranges.allocHighest(nrPages, alignment);
          if (start === -1) continue;
          expect(start % alignment).toBe(0);
          const overlaps = held.some(([at, n]) => at < start + nrPages && start < at + n);
          expect(overlaps).toBe(false);
          held.push([start, nrPages]);
        }
        const nrHeld = held.reduce((sum, [, n]) => sum + n, 0);
        expect(ranges.nrFree).toBe(63 - nrHeld);
        for (const [start, n] of held) ranges.free(start, n);
        expect(ranges.allocHighest(63)).toBe(1);
      }),
    );
  });
});
