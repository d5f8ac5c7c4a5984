// How long was waited for one thing.
import { ExactSum } from "../exact-sum.ts";

/** Counts and sums of waits that have ended. */
export class WaitStats {
  /** Waits that have ended, whether what was waited for came or not. */
  nrWaits = 0;
  /** The longest of them. */
  maxPs = 0;
  /** All of them together. */
  readonly total: ExactSum = new ExactSum();

  /** Counts one wait. */
  add(waitedPs: number): void {
    this.nrWaits++;
    if (waitedPs > this.maxPs) this.maxPs = waitedPs;
    this.total.add(waitedPs);
  }
}
