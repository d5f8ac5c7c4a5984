import { describe, expect, test } from "vitest";
import { exponential } from "./exponential.ts";
import { RandomStreams } from "./random-streams.ts";
import { LN_2, seriesExp, seriesLog } from "./series.ts";
import { Zipf } from "./zipf.ts";

describe("series", () => {
  test("agree with the machine's own functions", () => {
    expect(Math.abs(LN_2 - Math.LN2)).toBeLessThan(1e-15);
    for (const value of [1e-9, 0.3, 0.75, 1, 1.5, 2, 10, 12345.678, 2 ** 40]) {
      const error = Math.abs(seriesLog(value) - Math.log(value));
      expect(error).toBeLessThan(1e-14 * Math.max(1, Math.abs(Math.log(value))));
    }
    for (const power of [-700, -20.5, -1, 0, 0.1, 1, 17.3, 700]) {
      expect(Math.abs(seriesExp(power) / Math.exp(power) - 1)).toBeLessThan(1e-12);
    }
  });
});

describe("an exponential time", () => {
  const NR = 200_000;
  const MEAN = 1_000_000;
  const stream = new RandomStreams(42).stream("exponential");
  const times = Array.from({ length: NR }, () => exponential(stream, MEAN));

  test("is pinned for seed 42", () => {
    expect(times.slice(0, 5)).toMatchInlineSnapshot(`
      [
        69181,
        2230888,
        28396,
        122974,
        368872,
      ]
    `);
  });

  test("has the mean it was given, and the share of an exponential beyond each point", () => {
    const mean = times.reduce((sum, time) => sum + time, 0) / NR;
    expect(Math.abs(mean / MEAN - 1)).toBeLessThan(0.01);
    for (const point of [0.1, 0.5, 1, 2, 4]) {
      const share = times.filter((time) => time > point * MEAN).length / NR;
      expect(Math.abs(share - Math.exp(-point))).toBeLessThan(0.005);
    }
  });

  test("with a mean of nothing is nothing", () => {
    expect(exponential(stream, 0)).toBe(0);
    expect(() => exponential(stream, 1.5)).toThrow("meanPs: 1.5");
  });
});

describe("Zipf's distribution", () => {
  const stream = new RandomStreams(42).stream("zipf");
  const NR = 100_000;

  function shares(zipf: Zipf, nrRanks: number): number[] {
    const counts = Array.from({ length: nrRanks }, () => 0);
    for (let i = 0; i < NR; i++) {
      const rank = zipf.draw(stream);
      counts[rank] = (counts[rank] ?? 0) + 1;
    }
    return counts.map((count) => count / NR);
  }

  test("is pinned for seed 42", () => {
    const zipf = new Zipf(1000, 0.99);
    const pinned = new RandomStreams(42).stream("pinned");
    expect(Array.from({ length: 8 }, () => zipf.draw(pinned))).toMatchInlineSnapshot(`
      [
        3,
        28,
        2,
        38,
        26,
        162,
        1,
        338,
      ]
    `);
  });

  test.each([0, 0.5, 0.99, 1, 2.5])("with a skew of %d gives each rank its share", (skew) => {
    const weights = Array.from({ length: 10 }, (_, rank) => 1 / (rank + 1) ** skew);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    shares(new Zipf(10, skew), 10).forEach((share, rank) => {
      expect(Math.abs(share - (weights[rank] as number) / sum)).toBeLessThan(0.006);
    });
  });

  test("never loses a rank, and has bounds", () => {
    const zipf = new Zipf(2 ** 21, 10);
    expect(zipf.draw(stream)).toBeLessThan(2 ** 21);
    expect(() => new Zipf(2 ** 21 + 1, 1)).toThrow("nrRanks: ");
    expect(() => new Zipf(10, -1)).toThrow("skew: ");
  });
});
