// One stream of random numbers: xoshiro128** by Blackman and Vigna, which needs nothing but 32-bit
// integers and therefore gives the same numbers everywhere. What is drawn from it is exact: no
// floating point rounds a probability.
import { checkArgument, checkWholeNumber } from "@faultline/core";

const TWO_32 = 2 ** 32;

/** A generator of 32-bit numbers and what follows from them. Its state is four words. */
export class RandomStream {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** The state to start from; not all zero. */
  constructor(state: ArrayLike<number>) {
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = Array.from(state);
    checkArgument((s0 | s1 | s2 | s3) !== 0, "state", "all zero");
    this.s0 = s0 | 0;
    this.s1 = s1 | 0;
    this.s2 = s2 | 0;
    this.s3 = s3 | 0;
  }

  /** The next number, 0 to 2^32 - 1. */
  next(): number {
    const times5 = Math.imul(this.s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21);
    return result >>> 0;
  }

  /** A whole number from 0 to `end`, exclusive, each equally likely; `end` is up to 2^53 - 1. */
  below(end: number): number {
    checkWholeNumber(end, "end", 1, Number.MAX_SAFE_INTEGER);
    return end <= TWO_32 ? this.belowWord(end) : this.belowLarge(end);
  }

  /** A whole number from `min` to `max`, inclusive, each equally likely. */
  between(min: number, max: number): number {
    checkArgument(max >= min, "max", `${max} is less than min, ${min}`);
    return min + this.below(max - min + 1);
  }

  /** True with a probability of `numerator / denominator`, exactly. */
  chance(numerator: number, denominator: number): boolean {
    checkWholeNumber(numerator, "numerator", 0, denominator);
    return this.below(denominator) < numerator;
  }

  /** Brings a list into random order, in place; every order is equally likely. */
  shuffle<T extends { [at: number]: unknown; readonly length: number }>(list: T): T {
    for (let left = list.length; left > 1; left--) {
      const at = this.belowWord(left);
      const kept = list[left - 1];
      list[left - 1] = list[at];
      list[at] = kept;
    }
    return list;
  }

  /** The numbers 0 to `length - 1` in random order. */
  permutation(length: number): Uint32Array {
    checkWholeNumber(length, "length", 0, TWO_32 - 1);
    return this.shuffle(Uint32Array.from({ length }, (_, at) => at));
  }

  /** The state, to go on from here later. */
  state(): Uint32Array {
    return Uint32Array.of(this.s0, this.s1, this.s2, this.s3);
  }

  // The words below the largest multiple of `end` are kept, so that no remainder is favoured.
  private belowWord(end: number): number {
    const kept = TWO_32 - (TWO_32 % end);
    let word = this.next();
    while (word >= kept) word = this.next();
    return word % end;
  }

  // As many high bits as `end` needs, drawn anew until the number is below it.
  private belowLarge(end: number): number {
    const high = Math.floor((end - 1) / TWO_32);
    const mask = 0xffffffff >>> Math.clz32(high);
    for (;;) {
      const value = (this.next() & mask) * TWO_32 + this.next();
      if (value < end) return value;
    }
  }
}
