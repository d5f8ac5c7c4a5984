import { describe, expect, test } from "vitest";
import {
  bandwidthField,
  cpusField,
  formatSize,
  latencyField,
  parseBandwidth,
  parseCpus,
  parseLatencyPs,
} from "./fields.ts";

describe("a bandwidth", () => {
  test.each([
    ["50GB/s", 50_000_000_000],
    ["37.5GB/s", 37_500_000_000],
    ["25.781GB/s", 25_781_000_000],
    ["0.001KB/s", 1],
    ["1.2TB/s", 1_200_000_000_000],
  ])("%s is %i bytes per second", (text, bytesPerSec) => {
    expect(bandwidthField.safeParse(text).success).toBe(true);
    expect(parseBandwidth(text)).toBe(bytesPerSec);
  });

  test.each(["50", "50GB", "50Gb/s", "0GB/s", "0.0GB/s", "1.2345GB/s", "50GiB/s", "-1GB/s"])(
    "is not %s",
    (text) => expect(bandwidthField.safeParse(text).success).toBe(false),
  );
});

describe("a latency", () => {
  test.each([
    ["700ns", 700_000],
    ["0.82us", 820_000],
    ["1.001ns", 1001],
    ["12ps", 12],
    ["2ms", 2_000_000_000],
  ])("%s is %i picoseconds", (text, latencyPs) => {
    expect(latencyField.safeParse(text).success).toBe(true);
    expect(parseLatencyPs(text)).toBe(latencyPs);
  });

  test.each(["700", "0ns", "1.5ps", "1.2345us", "1s"])("is not %s", (text) =>
    expect(latencyField.safeParse(text).success).toBe(false),
  );
});

test("CPUs are numbers and ranges", () => {
  expect(cpusField.safeParse("0-63").success).toBe(true);
  expect(cpusField.safeParse("0,1").success).toBe(false);
  expect(parseCpus([7, "0-2", "5-4"])).toEqual([7, 0, 1, 2]);
});

test("a size is shown in the largest unit that divides it", () => {
  expect([96n << 30n, 3n << 19n, 1n, 2n << 40n].map(formatSize)).toEqual([
    "96GiB",
    "1536KiB",
    "1B",
    "2TiB",
  ]);
});
