// Where the time of one fault went. What is spent on the critical path adds up to the latency,
// because the latency is defined as that sum; what ran beside it is kept apart.
import { NR_ACTIVITIES } from "./activities.ts";

/** Picoseconds by activity; reused from fault to fault. */
export class Breakdown {
  /** On the critical path. */
  readonly spentPs: Float64Array = new Float64Array(NR_ACTIVITIES);
  /** Overlapped with it. */
  readonly besidePs: Float64Array = new Float64Array(NR_ACTIVITIES);
  /** Bit per activity that may have time in `spentPs`. */
  spentMask = 0;
  /** Bit per activity that may have time in `besidePs`. */
  besideMask = 0;

  /** Adds time on the critical path; a whole number. */
  spend(activity: number, ps: number): void {
    this.spentPs[activity] = (this.spentPs[activity] as number) + ps;
    this.spentMask |= 1 << activity;
  }

  /** Adds time beside the critical path. */
  spendBeside(activity: number, ps: number): void {
    this.besidePs[activity] = (this.besidePs[activity] as number) + ps;
    this.besideMask |= 1 << activity;
  }

  /** The latency: everything spent on the critical path. */
  totalPs(): number {
    let total = 0;
    for (let rest = this.spentMask; rest !== 0; rest &= rest - 1) {
      total += this.spentPs[31 - Math.clz32(rest & -rest)] as number;
    }
    return total;
  }

  /** Forgets everything. */
  clear(): void {
    if (this.spentMask !== 0) this.spentPs.fill(0);
    if (this.besideMask !== 0) this.besidePs.fill(0);
    this.spentMask = 0;
    this.besideMask = 0;
  }
}
