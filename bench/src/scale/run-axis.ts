// Measuring one line of the scale study, point by point.
import { type Curve, curveOf } from "./curve.ts";
import type { ScaleAxis, ScaleQuantity, ScaleSample } from "./scale-axis.ts";

/** A line with what was measured, quantity by quantity. */
export interface MeasuredAxis {
  readonly name: string;
  readonly what: string;
  readonly of: ScaleAxis["of"];
  readonly unit: string;
  readonly workUnit?: string;
  readonly because: string;
  readonly curves: Readonly<Partial<Record<ScaleQuantity, Curve>>>;
}

/** The smallest points are done for so long before anything counts: until then code is compiled. */
const WARM_UP_MS = 1500;
/** A point is done again until it has had this long. */
const LONG_ENOUGH_MS = 600;
const [FEWEST_RUNS, MOST_RUNS] = [3, 60];

/** Measures every point; a shared machine is at its quickest now and then, so the least counts. */
export function runAxis(axis: ScaleAxis, isFull: boolean): MeasuredAxis {
  const { name, what, of, unit, workUnit, because, expected } = axis;
  const points = isFull ? [...axis.points, ...axis.fullPoints] : axis.points;
  const from = performance.now();
  while (performance.now() - from < WARM_UP_MS) {
    for (const x of points.slice(0, 2)) axis.measure(x, false);
  }
  const samples = points.map((x) => [x, pointOf(axis, x)] as const);
  const curves = Object.entries(expected).map(([quantity, growth]) => {
    const values = samples.map(([x, sample]) => {
      return [x, sample[quantity as ScaleQuantity] ?? NaN] as const;
    });
    return [quantity, curveOf(growth, values)] as const;
  });
  return {
    name,
    what,
    of,
    unit,
    ...(workUnit === undefined ? {} : { workUnit }),
    because,
    curves: Object.fromEntries(curves),
  };
}

function pointOf(axis: ScaleAxis, x: number): ScaleSample {
  const from = performance.now();
  let best: ScaleSample | null = null;
  for (let run = 0; run < MOST_RUNS; run++) {
    if (run >= FEWEST_RUNS && performance.now() - from > LONG_ENOUGH_MS) break;
    const sample = axis.measure(x, false);
    if (best === null || sample.ns < best.ns) best = sample;
  }
  if (best === null) throw new Error("nothing was measured");
  if (axis.expected.bytesPerPage === undefined) return best;
  // The first time what others have left is collected and counted.
  axis.measure(x, true);
  return { ...axis.measure(x, true), ...best };
}
