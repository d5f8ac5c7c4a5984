// Percentiles that say when there is too little to take them from.
import { quantileSorted } from "d3-array";

/** No percentile is taken from fewer samples than these. */
const FEW = 10;

/**
 * How many samples a percentile needs: so many that one of them lies beyond it, and ten at least.
 * @param percent above 0 and below 100.
 */
export function leastSamples(percent: number): number {
  return Math.max(FEW, Math.ceil(1e5 / Math.round((100 - percent) * 1e3)));
}

/**
 * A percentile, between two samples the point on the line from one to the next.
 * @param sorted in ascending order.
 * @returns null where there are fewer samples than `leastSamples` says.
 */
export function percentile(sorted: readonly number[], percent: number): number | null {
  if (sorted.length < leastSamples(percent)) return null;
  return quantileSorted([...sorted], percent / 100) ?? null;
}
