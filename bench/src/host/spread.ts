// Samples in three numbers: the quartiles, of which the middle one is the result.
import { quantile } from "d3-array";

/** Quartiles of samples. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The quartiles; NaN of no samples. */
export function spreadOf(samples: readonly number[]): Spread {
  const at = (p: number): number => quantile(samples, p) ?? NaN;
  return { low: at(0.25), median: at(0.5), high: at(0.75) };
}
