// Measured points beside the curve that was expected of them, and whether they grow as it does.

/** How a quantity grows with the axis: not at all, or by so much for each unit. */
export type Growth = "flat" | "linear";

/** A point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly measured: number;
  /** On the expected curve that is nearest to all points. */
  readonly expected: number;
}

/** A quantity over its axis. */
export interface Curve {
  readonly expectedGrowth: Growth;
  readonly points: readonly CurvePoint[];
  /** Slope of the points in a log-log plot: 0 is flat, 1 linear, 2 quadratic. */
  readonly exponent: number;
  readonly verdict: "as expected" | "grows faster";
}

/** How much steeper than expected is still as expected: caches, and the noise of a machine. */
const TOLERANCE = 0.25;

/** Fits the expected curve to points, and compares. */
export function curveOf(
  expectedGrowth: Growth,
  points: readonly (readonly [x: number, measured: number])[],
): Curve {
  const exponent = logSlope(points);
  const [base, slope] = expectedGrowth === "flat" ? [middle(points), 0] : line(points);
  const limit = (expectedGrowth === "flat" ? 0 : 1) + TOLERANCE;
  return {
    expectedGrowth,
    points: points.map(([x, measured]) => ({ x, measured, expected: base + slope * x })),
    exponent,
    verdict: exponent <= limit ? "as expected" : "grows faster",
  };
}

/** Least squares of log y over log x; 0 where all x are the same. */
function logSlope(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1): number => logs.reduce((sum, one) => sum + one[of], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}

function middle(points: readonly (readonly [number, number])[]): number {
  const sorted = points.map(([, y]) => y).toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}

/** Least squares of relative errors: y = base + slope x, neither of them below 0. */
function line(points: readonly (readonly [number, number])[]): readonly [number, number] {
  const sum = (of: (x: number, y: number) => number): number =>
    points.reduce((total, [x, y]) => total + of(x, y), 0);
  const [a, b, c] = [
    sum((_, y) => 1 / y ** 2),
    sum((x, y) => x / y ** 2),
    sum((x, y) => (x / y) ** 2),
  ];
  const [p, q] = [sum((_, y) => 1 / y), sum((x, y) => x / y)];
  const determinant = a * c - b * b;
  const base = determinant === 0 ? 0 : (p * c - q * b) / determinant;
  const slope = determinant === 0 ? 0 : (a * q - b * p) / determinant;
  if (base < 0) return [0, q / c];
  return slope < 0 ? [p / a, 0] : [base, slope];
}
