// Where the middle of many samples lies.
import { quantileSorted } from "d3-array";

/** Two ends. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval that the middle of samples lies in.
 * @param share how much of them, 0 to 1; what is left over is cut off at both ends alike.
 * @returns null without samples.
 */
export function centralInterval(samples: readonly number[], share: number): Interval | null {
  const sorted = samples.toSorted((a, b) => a - b);
  const low = quantileSorted(sorted, (1 - share) / 2);
  const high = quantileSorted(sorted, (1 + share) / 2);
  return low === undefined || high === undefined ? null : { low, high };
}
