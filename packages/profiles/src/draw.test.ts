import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultDraw, quantile } from "./draw.ts";

describe("a uniform draw", () => {
  test("goes straight from one end to the other", () => {
    expect([0, 0.25, 0.5, 1].map((t) => quantile(2, 10, "uniform", t))).toEqual([2, 4, 6, 10]);
  });

  test("is what a range from 0 gets, which no number of doublings leaves", () => {
    expect([defaultDraw(0), defaultDraw(0.5)]).toEqual(["uniform", "log-uniform"]);
    expect(quantile(0, 2, "log-uniform", 0.5)).toBe(1);
  });
});

describe("a log-uniform draw", () => {
  test("gives each doubling the same share", () => {
    // 2 to 16 are three doublings, and within one the values are a straight line.
    const drawn = [0, 1 / 6, 1 / 3, 0.5, 2 / 3, 1].map((t) => quantile(2, 16, "log-uniform", t));
    expect(drawn.map((value) => Number(value.toFixed(9)))).toEqual([2, 3, 4, 6, 8, 16]);
  });

  test("counts a part of a doubling by its share of the way", () => {
    // 2 to 10 are two doublings and a quarter; the middle is 1 1/8 doublings above 2.
    expect(quantile(2, 10, "log-uniform", 0.5)).toBe(4.5);
    expect(quantile(2, 10, "log-uniform", 1)).toBe(10);
  });

  const range = fc
    .tuple(
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
    )
    .map(([low, ratio]) => [low, low * ratio] as const);
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test("stays in its range", () => {
    fc.assert(
      fc.property(range, share, ([low, high], t) => {
        const value = quantile(low, high, "log-uniform", t);
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
      }),
    );
  });

  test("is never far from a true one", () => {
    fc.assert(
      fc.property(range, share, ([low, high], t) => {
        const doublings = Math.log2(quantile(low, high, "log-uniform", t) / low);
        expect(Math.abs(doublings - t * Math.log2(high / low))).toBeLessThan(0.18);
      }),
    );
  });
});
