import { expect, test } from "vitest";
import { centralInterval } from "./central-interval.ts";

test("the middle nine tenths of a hundred and one numbers leave five out at each end", () => {
  const samples = Array.from({ length: 101 }, (_, n) => 100 - n);
  const { low, high } = centralInterval(samples, 0.9) ?? { low: 0, high: 0 };
  expect(low).toBeCloseTo(5, 9);
  expect(high).toBeCloseTo(95, 9);
  expect(centralInterval(samples, 1)).toEqual({ low: 0, high: 100 });
});

test("equal numbers have no width, and no numbers no interval", () => {
  expect(centralInterval([7, 7, 7], 0.9)).toEqual({ low: 7, high: 7 });
  expect(centralInterval([], 0.9)).toBeNull();
});
