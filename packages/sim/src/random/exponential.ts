// Exponentially distributed times. An exponential time is a whole number of halvings, which are the
// leading zeros of random bits, plus a rest, which is read from a table.
import { checkPs } from "../time/sim-time.ts";
import type { RandomStream } from "./random-stream.ts";
import { LN_2, seriesLog } from "./series.ts";

const TABLE_BITS = 10;
const FRACTION_BITS = 32 - TABLE_BITS;
const FRACTION_MASK = 2 ** FRACTION_BITS - 1;

/** The time at which a share `i / 1024` of what happens before the first halving has happened. */
const RESTS: Float64Array = Float64Array.from(
  { length: 2 ** TABLE_BITS + 1 },
  (_, i) => -seriesLog(1 - i / 2 ** (TABLE_BITS + 1)),
);

/**
 * A whole number with an exponential distribution, rounded down.
 * @param meanPs its mean. Straight lines between the entries of the table make a time too long by
 * at most 1.2e-7 of the mean.
 */
export function exponential(stream: RandomStream, meanPs: number): number {
  checkPs(meanPs, "meanPs");
  let halvings = 0;
  let bits = stream.next();
  for (; bits === 0; bits = stream.next()) halvings += 32;
  halvings += Math.clz32(bits);
  const word = stream.next();
  const entry = word >>> FRACTION_BITS;
  const from = RESTS[entry] as number;
  const share = (word & FRACTION_MASK) / 2 ** FRACTION_BITS;
  const rest = from + ((RESTS[entry + 1] as number) - from) * share;
  return Math.floor(meanPs * (halvings * LN_2 + rest));
}
