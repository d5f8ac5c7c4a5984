import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spreadLabels } from "./chart-frame.ts";
import { wayTotals } from "./link-utilisation.ts";
import { percentText, shortNumber, sizeText, timeText } from "./units.ts";

describe("what a way was busy", () => {
  test("counts an instant once, however many copies are under way", () => {
    const { busyPs, shares } = wayTotals({ startsPs: [0, 5, 60], endsPs: [20, 10, 80] }, 100, 4);
    expect(busyPs).toBe(40);
    expect(shares).toEqual([0.8, 0, 0.6, 0.2]);
  });

  test("is the sum of its slices, for any copies", () => {
    const copies = fc.array(fc.tuple(fc.nat(900), fc.nat(100)), { maxLength: 30 });
    fc.assert(
      fc.property(copies, fc.integer({ min: 1, max: 50 }), (all, nrSlices) => {
        const startsPs = all.map(([start]) => start);
        const endsPs = all.map(([start, length]) => start + length);
        const { busyPs, shares } = wayTotals({ startsPs, endsPs }, 1000, nrSlices);
        const busy = new Set(all.flatMap(([s, n]) => Array.from({ length: n }, (_, i) => s + i)));
        expect(busyPs).toBe(busy.size);
        const sum = shares.reduce((total, share) => total + share, 0);
        expect(sum * (1000 / nrSlices)).toBeCloseTo(busyPs, 6);
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
      }),
    );
  });
});

test("labels move apart, stay in order and within the field", () => {
  expect(spreadLabels([10, 12, 100], 15, 0, 100)).toEqual([10, 25, 100]);
  expect(spreadLabels([98, 99], 15, 0, 100)).toEqual([85, 100]);
});

test("numbers have the unit in which they are short", () => {
  expect([timeText(1500), timeText(44_505_000), timeText(0)]).toEqual([
    "1.5 ns",
    "44.5 us",
    "0 ps",
  ]);
  expect([sizeText(0), sizeText(1536), sizeText(5 * 2 ** 30)]).toEqual([
    "0 bytes",
    "1.5 KiB",
    "5 GiB",
  ]);
  expect([percentText(0), percentText(1e-5), percentText(0.253)]).toEqual([
    "0.0 %",
    "< 0.1 %",
    "25.3 %",
  ]);
  expect(shortNumber(1234.5)).toBe("1235");
});
