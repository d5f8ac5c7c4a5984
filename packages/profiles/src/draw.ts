// Drawing from a range, with arithmetic that is the same on every machine: no logarithm.
// Log-uniform is uniform over doublings: each doubling of `low` is equally likely, and within one
// every value is. That is less than 9 % of a doubling away from a true log-uniform draw for ranges
// of whole doublings, and less than 18 % for others.
import type { Draw } from "./field-schema.ts";

/** Gives numbers of [0, 1), one after the other. */
export type UniformRng = () => number;

/** Log-uniform, except from 0, which no number of doublings leaves. */
export function defaultDraw(low: number): Draw {
  return low > 0 ? "log-uniform" : "uniform";
}

/** The value below which a share `t` of the draws lies; `t` is in [0, 1). */
export function quantile(low: number, high: number, draw: Draw, t: number): number {
  if (draw === "uniform" || low <= 0) return low + t * (high - low);
  let doublings = t * nrDoublings(low, high);
  let from = low;
  while (doublings >= 1) {
    from *= 2;
    doublings -= 1;
  }
  return Math.min(high, from * (1 + doublings));
}

/** Doublings from `low` to `high`, a part of one counted by its share of the way. */
function nrDoublings(low: number, high: number): number {
  let whole = 0;
  let from = low;
  while (from * 2 <= high) {
    from *= 2;
    whole += 1;
  }
  return whole + (high / from - 1);
}
