import { expect, test } from "vitest";
import { fromEngine, toEngine, transferPs } from "./units.ts";

test("times become whole picoseconds, rates bytes per second, sizes bytes", () => {
  expect(toEngine(31.79, "us")).toBe(31_790_000);
  expect(toEngine(54.7, "ns")).toBe(54_700);
  expect(toEngine(0.0175781, "us")).toBe(17_578);
  expect(toEngine(41.7, "GB/s")).toBe(41_700_000_000);
  expect(toEngine(12.92, "GiB/s")).toBe(Math.round(12.92 * 2 ** 30));
  expect(toEngine(512, "MiB")).toBe(536_870_912);
});

test("plain numbers stay what they are", () => {
  expect([toEngine(256, "count"), toEngine(0.5, "x")]).toEqual([256, 0.5]);
});

test("a unit is undone", () => {
  expect(fromEngine(toEngine(966, "us"), "us")).toBe(966);
});

test("a transfer takes its bytes over its rate, in whole picoseconds", () => {
  expect(transferPs(2 ** 21, 19_784_452_830)).toBe(106_000_000);
  expect(transferPs(4096, 399_400_000_000)).toBe(10_255);
  expect(transferPs(2 ** 40, 1e9)).toBe(1_099_511_627_776_000);
});
