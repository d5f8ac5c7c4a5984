// A sum that stays exact beyond 2^53: a run's waits add up to more than its time, because many wait
// at once.

const LIMB = 2 ** 52;

/** Adds whole numbers below 2^52 without ever rounding. */
export class ExactSum {
  private high = 0;
  private low = 0;

  /** Adds a whole number, 0 or more. */
  add(value: number): void {
    this.low += value;
    if (this.low >= LIMB) {
      this.low -= LIMB;
      this.high++;
    }
  }

  /** The sum, rounded to the nearest number. */
  toNumber(): number {
    return this.high * LIMB + this.low;
  }

  /** The sum, exactly. */
  toBigInt(): bigint {
    return BigInt(this.high) * BigInt(LIMB) + BigInt(this.low);
  }
}
