import fc from "fast-check";
import { expect, test } from "vitest";
import { computePrefetchRegion, type PrefetchBlock, prefetchPages } from "./prefetch-region.ts";

const NONE: ReadonlySet<number> = new Set();
const EMPTY: PrefetchBlock = {
  nrLeaves: 512,
  faulted: NONE,
  residentOnDestination: NONE,
  thrashing: NONE,
  cpuMapped: NONE,
  isDestinationCpu: false,
  preferred: "none",
  isFirstTouch: false,
};

function leaves(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}

test("a region is an aligned power of two of leaves around the fault, and passes", () => {
  const occupied = fc.uint8Array({ min: 0, max: 1, minLength: 512, maxLength: 512 });
  const leaf = fc.integer({ min: 0, max: 511 });
  fc.assert(
    fc.property(occupied, leaf, fc.integer({ min: 1, max: 99 }), (bytes, at, threshold) => {
      bytes[at] = 1;
      const { first, end } = computePrefetchRegion(bytes, at, threshold);
      const size = end - first;
      expect(size & (size - 1)).toBe(0);
      expect(first % size).toBe(0);
      expect(first <= at && at < end && end <= 512).toBe(true);
      const count = bytes.subarray(first, end).reduce((sum, one) => sum + one, 0);
      expect(count * 100).toBeGreaterThan(size * threshold);
    }),
  );
});

test("exactly the threshold is not enough", () => {
  const occupied = Uint8Array.from([1, 1, 0, 0]);
  expect(computePrefetchRegion(occupied, 0, 50)).toEqual({ first: 0, end: 2 });
  expect(computePrefetchRegion(occupied, 0, 49)).toEqual({ first: 0, end: 4 });
});

test("a larger subtree may pass where a smaller one fell short", () => {
  const occupied = Uint8Array.from([1, 0, 1, 1]);
  expect(computePrefetchRegion(occupied, 0, 51)).toEqual({ first: 0, end: 4 });
});

test("a lone fault brings the rest of its big page", () => {
  const block = { ...EMPTY, faulted: new Set([5]) };
  expect(prefetchPages(block, 51)).toEqual(leaves(0, 16).filter((leaf) => leaf !== 5));
});

test("a thrashing page brings nothing", () => {
  const block = { ...EMPTY, faulted: new Set([5]), thrashing: new Set([5]) };
  expect(prefetchPages(block, 51)).toEqual([]);
});

test("first touch where it is preferred takes the block, and nothing leaves that place", () => {
  const block = { ...EMPTY, faulted: new Set([0]), isFirstTouch: true };
  expect(prefetchPages({ ...block, preferred: "destination" }, 51)).toEqual(leaves(1, 512));
  expect(prefetchPages({ ...block, preferred: "elsewhere" }, 51)).toEqual([]);
});

test("pages that CPUs map are left alone only when the CPU is the destination", () => {
  const block = { ...EMPTY, faulted: new Set([0]), cpuMapped: new Set([3]) };
  expect(prefetchPages(block, 51)).toContain(3);
  expect(prefetchPages({ ...block, isDestinationCpu: true }, 51)).not.toContain(3);
});
