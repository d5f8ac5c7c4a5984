import { describe, expect, test } from "vitest";
import { curveOf, type Growth } from "./curve.ts";

const XS = [1, 4, 16, 64, 256];

function curve(growth: Growth, of: (x: number) => number) {
  return curveOf(
    growth,
    XS.map((x) => [x, of(x)] as const),
  );
}

describe("a curve", () => {
  test("that is flat has its middle as what was expected", () => {
    const { exponent, verdict, points } = curve("flat", (x) => (x === 16 ? 110 : 100));
    expect(exponent).toBeCloseTo(0, 2);
    expect(verdict).toBe("as expected");
    expect(points.map(({ expected }) => expected)).toEqual([100, 100, 100, 100, 100]);
  });

  test("that is a line is found again, base and slope", () => {
    const { exponent, verdict, points } = curve("linear", (x) => 50 + 3 * x);
    expect(verdict).toBe("as expected");
    expect(exponent).toBeLessThan(1);
    for (const { measured, expected } of points) expect(expected).toBeCloseTo(measured, 6);
  });

  test("has neither a base nor a slope below 0", () => {
    const steep = curve("linear", (x) => x ** 1.1).points;
    expect(Math.min(...steep.map(({ expected }) => expected))).toBeGreaterThan(0);
    const falling = curve("linear", (x) => 100 / x).points.map(({ expected }) => expected);
    expect(new Set(falling).size).toBe(1);
  });

  test("that grows faster than it should is told of", () => {
    expect(curve("flat", (x) => x ** 0.5).verdict).toBe("grows faster");
    expect(curve("flat", (x) => 1000 / x).verdict).toBe("as expected");
    expect(curve("linear", (x) => x ** 2)).toMatchObject({ verdict: "grows faster" });
    expect(curve("linear", (x) => x ** 2).exponent).toBeCloseTo(2, 6);
    expect(curve("linear", (x) => x * Math.log2(x + 1)).verdict).toBe("grows faster");
  });

  test("of one point is what it is", () => {
    const one = curveOf("flat", [[1, 7]]);
    expect(one).toMatchObject({ exponent: 0, points: [{ measured: 7, expected: 7 }] });
  });
});
