// Who owns each instant of a fault: the innermost activity on its critical path. Activities nest
// like brackets; whatever happens, the shares add up to the time between start and finish.
import { ArgumentError, checkArgument } from "@faultline/core";
import { waitActivity } from "./activities.ts";
import { Breakdown } from "./breakdown.ts";
import type { FaultWitness } from "./fault-witness.ts";
import { SliceLog } from "./slice-log.ts";

const MAX_DEPTH = 32;

/** Splits the time of one fault; reused from fault to fault. Attach it as `actor.stages`. */
export class StageClock {
  readonly breakdown: Breakdown = new Breakdown();
  /** Keeps the order of what the breakdown adds up; null unless a run is recorded. */
  slices: SliceLog | null = null;
  /** Hears of everything that concerns the fault; null unless it is to be explained. */
  witness: FaultWitness | null = null;
  startPs = 0;
  private readonly open = new Uint8Array(MAX_DEPTH);
  private depth = 0;
  private settledPs = 0;

  /** Begins a fault in its first stage; what the clock held is forgotten. */
  start(stage: number, nowPs: number): void {
    this.breakdown.clear();
    this.slices?.clear();
    this.witness = null;
    this.startPs = nowPs;
    this.settledPs = nowPs;
    this.open[0] = stage;
    this.depth = 1;
  }

  /** From here on a witness hears of the fault that has begun; null for none. */
  watch(witness: FaultWitness | null): void {
    this.witness = witness;
    if (witness !== null) this.slices ??= new SliceLog();
  }

  /** The innermost activity ends and another takes its place. */
  switchTo(activity: number, nowPs: number): void {
    this.settle(nowPs);
    this.open[this.depth - 1] = activity;
  }

  /** An activity begins inside the innermost one. */
  enter(activity: number, nowPs: number): void {
    checkArgument(this.depth < MAX_DEPTH, "activity", `more than ${MAX_DEPTH} inside each other`);
    this.settle(nowPs);
    this.open[this.depth++] = activity;
  }

  /** The innermost activity ends; the one around it goes on. */
  leave(nowPs: number): void {
    checkArgument(this.depth > 1, "leave", "the first stage has nothing around it");
    this.settle(nowPs);
    this.depth--;
  }

  /**
   * Says that `ps` of what the innermost activity has taken was a wait. Waits of an actor do this
   * by themselves.
   */
  charge(kind: number, ps: number, nowPs: number): void {
    this.assign(waitActivity(kind), ps, nowPs);
  }

  /** Says that `ps` of what the innermost activity has taken was another one. */
  assign(activity: number, ps: number, nowPs: number): void {
    this.settle(nowPs);
    const innermost = this.open[this.depth - 1] as number;
    const { breakdown } = this;
    if (ps > (breakdown.spentPs[innermost] as number)) {
      throw new ArgumentError("ps", `${ps} is more than the innermost activity has taken`);
    }
    breakdown.spend(innermost, -ps);
    breakdown.spend(activity, ps);
    this.slices?.assign(innermost, activity, ps);
  }

  /** The same for every activity of a mask: `timesPs` has a time for each activity. */
  assignAll(timesPs: Float64Array, mask: number, nowPs: number): void {
    this.settle(nowPs);
    const innermost = this.open[this.depth - 1] as number;
    const { breakdown } = this;
    let leftPs = breakdown.spentPs[innermost] as number;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const activity = 31 - Math.clz32(rest & -rest);
      const ps = timesPs[activity] as number;
      leftPs -= ps;
      breakdown.spend(innermost, -ps);
      breakdown.spend(activity, ps);
      this.slices?.assign(innermost, activity, ps);
    }
    if (leftPs < 0) throw new ArgumentError("ps", "more than the innermost activity has taken");
  }

  /**
   * Ends the fault, with everything that is still open.
   * @returns its latency, which is the sum of the breakdown.
   */
  finish(nowPs: number): number {
    this.settle(nowPs);
    this.depth = 0;
    return nowPs - this.startPs;
  }

  private settle(nowPs: number): void {
    checkArgument(this.depth > 0, "clock", "no fault has been started");
    // The text is made only when it is needed: this runs several times a fault.
    if (nowPs < this.settledPs) {
      throw new ArgumentError("nowPs", `${nowPs} is before ${this.settledPs}`);
    }
    const innermost = this.open[this.depth - 1] as number;
    this.breakdown.spend(innermost, nowPs - this.settledPs);
    this.slices?.spend(innermost, nowPs - this.settledPs);
    this.settledPs = nowPs;
  }
}
