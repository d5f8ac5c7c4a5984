// The time of one fault as slices, one after another: what a breakdown adds up, in its order. A
// bill says afterwards what a pause was spent on; its stages take their places in order.
import { invariant } from "@faultline/core";
import { NR_STAGES } from "./activities.ts";

/** Slices of a fault from its beginning on, without gaps; used again from fault to fault. */
export class SliceLog {
  readonly activities: number[] = [];
  readonly durationsPs: number[] = [];
  /** Rows of the transfers that were made for the fault. */
  transfers: number[] = [];

  /** Forgets everything. */
  clear(): void {
    this.activities.length = 0;
    this.durationsPs.length = 0;
    this.transfers = [];
  }

  /** Time passes in an activity. */
  spend(activity: number, ps: number): void {
    if (ps === 0) return;
    this.insert(this.activities.length, activity, ps);
  }

  /** Of what an activity has taken, latest first, some time was another one's. */
  assign(from: number, to: number, ps: number): void {
    if (ps === 0 || from === to) return;
    let at = this.activities.length;
    let isUsedUp = false;
    for (let restPs = ps; restPs > 0; ) {
      at = this.activities.lastIndexOf(from, at - 1);
      invariant(at >= 0, "more was assigned than an activity has taken");
      const takenPs = Math.min(restPs, this.durationsPs[at] as number);
      restPs -= takenPs;
      this.lengthen(at, -takenPs);
      isUsedUp = this.durationsPs[at] === 0;
      if (isUsedUp) this.remove(at);
    }
    const next = isUsedUp ? at : at + 1;
    this.insert(to < from ? at : this.placeFrom(next, to), to, ps);
  }

  /** Behind the stages from a place on that come before the activity or are it. */
  private placeFrom(first: number, activity: number): number {
    let place = first;
    for (; place < this.activities.length; place++) {
      const next = this.activities[place] as number;
      if (next >= NR_STAGES || next > activity) break;
    }
    return place;
  }

  private lengthen(at: number, ps: number): void {
    this.durationsPs[at] = (this.durationsPs[at] as number) + ps;
  }

  private insert(at: number, activity: number, ps: number): void {
    if (this.activities[at - 1] === activity) {
      this.lengthen(at - 1, ps);
      return;
    }
    this.activities.splice(at, 0, activity);
    this.durationsPs.splice(at, 0, ps);
  }

  private remove(at: number): void {
    this.activities.splice(at, 1);
    this.durationsPs.splice(at, 1);
  }
}
