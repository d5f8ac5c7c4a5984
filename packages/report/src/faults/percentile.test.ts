import { expect, test } from "vitest";
import { leastSamples, percentile } from "./percentile.ts";

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test("a percentile needs a sample beyond it, and ten at least", () => {
  expect([50, 90, 95, 99, 99.9].map(leastSamples)).toEqual([10, 10, 20, 100, 1000]);
});

test("too few samples have no percentile", () => {
  expect([percentile(upTo(99), 99), percentile(upTo(9), 50), percentile([], 50)]).toEqual([
    null,
    null,
    null,
  ]);
});

test("enough samples have one, on the line between two", () => {
  expect(percentile(upTo(100), 99)).toBeCloseTo(99.01, 9);
  expect(percentile(upTo(10), 50)).toBe(5.5);
});
