import { describe, expect, test } from "vitest";
import { formatAxis, formatVerdict } from "./format-axes.ts";
import { runAxis } from "./run-axis.ts";
import { SCALE_AXES } from "./scale-axes.ts";
import type { ScaleAxis } from "./scale-axis.ts";

/** A line whose numbers are made up; no time is measured. */
const AXIS: ScaleAxis = {
  name: "gpus/made-up",
  what: "GPUs that do nothing",
  of: "GPUs",
  unit: "fault",
  workUnit: "calls",
  points: [1, 10, 100],
  fullPoints: [1000],
  expected: { ns: "flat", bytesPerPage: "flat", work: "linear" },
  because: "nothing is done",
  measure: (x, withMemory) => {
    return { ns: 100 + 2 * Math.sqrt(x), work: x / 4, ...(withMemory ? { bytesPerPage: x } : {}) };
  },
};

describe("a line of the study", () => {
  const measured = runAxis({ ...AXIS, points: [1, 10] }, false);

  test("has a point for each x, and more of them in full", () => {
    expect(measured.curves.ns?.points.map(({ x }) => x)).toEqual([1, 10]);
    expect(measured.curves.bytesPerPage?.points.map((one) => one.measured)).toEqual([1, 10]);
    expect(measured.curves.work?.verdict).toBe("as expected");
  });

  test("is a table with what was expected beside it, and verdicts", () => {
    expect(formatAxis(measured).split("\n")).toEqual([
      "gpus/made-up: GPUs that do nothing",
      "  because nothing is done",
      "",
      "  GPUs  ns/fault  expected  bytes/page  expected  calls/fault  expected",
      "     1       102       104        1.00      5.50        0.250     0.250",
      "    10       106       104        10.0      5.50         2.50      2.50",
      "",
      "  ns/fault: flat expected, grows as x^0.02: as expected",
      "  bytes/page: flat expected, grows as x^1.00: grows faster",
      "  calls/fault: linear expected, grows as x^1.00: as expected",
      "",
    ]);
    expect(formatVerdict([measured])).toBe("3 curves, 1 grow faster than expected\n");
    expect(formatVerdict([])).toBe("0 curves, none grows faster than expected\n");
  });
});

describe("every line", () => {
  test("has a name of its own, points that grow, and something expected", () => {
    expect(new Set(SCALE_AXES.map(({ name }) => name)).size).toBe(SCALE_AXES.length);
    for (const { points, fullPoints, expected } of SCALE_AXES) {
      const all = [...points, ...fullPoints];
      expect(all).toEqual(all.toSorted((a, b) => a - b));
      expect(Object.keys(expected)).toContain("ns");
    }
  });

  test.each(SCALE_AXES)("$name: its smallest point can be measured", ({ points, measure }) => {
    expect(measure(points[0] ?? 1, false).ns).toBeGreaterThan(0);
  });

  const withWork = SCALE_AXES.filter(({ expected }) => expected.work !== undefined);

  test.each(withWork)("$name: what the kernel does grows as expected, exactly", (axis) => {
    const { points, measure, expected } = axis;
    const [small = 1, , large = 1] = points;
    const [first, second] = [measure(small, false).work ?? 0, measure(large, false).work ?? 0];
    expect(first).toBeGreaterThan(0);
    expect(second / first).toBeCloseTo(expected.work === "flat" ? 1 : large / small, 6);
  });
});
