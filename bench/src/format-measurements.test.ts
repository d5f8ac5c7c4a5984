import { describe, expect, test } from "vitest";
import { formatMeasurements } from "./format-measurements.ts";

describe("the table of measurements", () => {
  test("has numbers to the right and leaves out what was not measured", () => {
    const table = formatMeasurements([
      {
        name: "fault/first-touch-4k",
        unit: "ns/page",
        value: 102.34,
        p99: 1234.5,
        bytesPerPage: 21.97,
        hostNs: 998,
        hostRatio: 9.752,
      },
      { name: "checkpoint/take", unit: "ns/op", value: 98_765.4, p99: 0.5 },
    ]);
    expect(table.split("\n")).toEqual([
      "benchmark             unit     median    p99  bytes/page  host  host/sim",
      "fault/first-touch-4k  ns/page     102   1235        22.0   998      9.8x",
      "checkpoint/take       ns/op     98765  0.500",
      "",
    ]);
  });

  test("without measurements is its heading", () => {
    expect(formatMeasurements([])).toBe(
      "benchmark  unit  median  p99  bytes/page  host  host/sim\n",
    );
  });
});
