// Zipf's distribution: rank k is drawn with a weight of 1 / (k + 1)^skew, as hot pages are.
import { checkArgument, checkWholeNumber } from "@faultline/core";
import type { RandomStream } from "./random-stream.ts";
import { seriesExp, seriesLog } from "./series.ts";

/** The weight of rank 0. The weights of 2^21 ranks add up to less than 2^53. */
const UNIT = 2 ** 32;
const MAX_RANKS = 2 ** 21;

/** A table of cumulated weights, each a whole number; a weight is exact within 2^-33. */
export class Zipf {
  private readonly cumulated: Float64Array;

  /** `nrRanks` up to 2^21; `skew` from 0, all alike, to 10. */
  constructor(nrRanks: number, skew: number) {
    checkWholeNumber(nrRanks, "nrRanks", 1, MAX_RANKS);
    checkArgument(skew >= 0 && skew <= 10, "skew", `${skew} is not from 0 to 10`);
    this.cumulated = new Float64Array(nrRanks);
    let sum = 0;
    for (let rank = 0; rank < nrRanks; rank++) {
      // Every rank keeps a chance, however small.
      sum += Math.max(1, Math.round(UNIT * seriesExp(-skew * seriesLog(rank + 1))));
      this.cumulated[rank] = sum;
    }
  }

  /** A rank, 0 the most likely. */
  draw(stream: RandomStream): number {
    const { cumulated } = this;
    const point = stream.below(cumulated[cumulated.length - 1] as number);
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
