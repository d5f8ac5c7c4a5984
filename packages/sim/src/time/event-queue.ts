// What happens next. Events are ordered by (time, insertion number); an event is the number of its
// target, which has at most one pending event, so a second one moves the first. The queue is a heap
// with four children per node in typed arrays; an event for the current instant goes into a ring
// instead. A cancelled event stays where it is until it is met or until dead ones are the majority.
import { checkWholeNumber } from "@faultline/core";

/** What `pop` answers when there is nothing, or nothing yet. */
export const NO_EVENT = -1;

/** The first entry sits at 3, so that four siblings share a cache line. */
const ROOT = 3;
const COMPACT_FROM = 64;

/** A priority queue of targets; nothing is allocated per event. */
export class EventQueue {
  /** The time of the event popped last, or what `advanceTo` said. */
  nowPs = 0;
  /** Targets that have a pending event. */
  nrPending = 0;
  private times = new Float64Array(ROOT + 64);
  private seqs = new Float64Array(ROOT + 64);
  private targets = new Uint32Array(ROOT + 64);
  private nrHeap = 0;
  // After a pop the root stays empty, because most often the next push can take its place.
  private isRootEmpty = false;
  private ringSeqs = new Float64Array(64);
  private ringTargets = new Uint32Array(64);
  private ringFirst = 0;
  private nrRing = 0;
  private lastSeq = 0;
  /** By target: the insertion number of its pending event, 0 for none. */
  private pending = new Float64Array(64);

  /** Puts the target's event at a time that is not before now; moves it when one is pending. */
  schedule(timePs: number, target: number): void {
    if (!(timePs >= this.nowPs)) checkWholeNumber(timePs, "timePs", this.nowPs);
    if (target >= this.pending.length) this.growTargets(target);
    const seq = ++this.lastSeq;
    if (this.pending[target] === 0) this.nrPending++;
    this.pending[target] = seq;
    if (timePs === this.nowPs) this.pushRing(seq, target);
    else this.pushHeap(timePs, seq, target);
  }

  /** Takes back the target's pending event; false when there is none. */
  cancel(target: number): boolean {
    if (!this.isPending(target)) return false;
    this.pending[target] = 0;
    this.nrPending--;
    if (this.nrHeap > COMPACT_FROM && 2 * this.nrSurelyDead() > this.nrHeap) this.compact();
    return true;
  }

  /** Whether the target has a pending event. */
  isPending(target: number): boolean {
    return target < this.pending.length && this.pending[target] !== 0;
  }

  /**
   * Takes the first event and moves the clock to it.
   * @returns its target, or NO_EVENT when there is none up to and including `limitPs`.
   */
  pop(limitPs: number): number {
    for (;;) {
      if (this.isRootEmpty) this.fillRoot();
      // What the heap holds for this instant was put there before the instant began.
      const isHeapDue = this.nrHeap > 0 && this.times[ROOT] === this.nowPs;
      if (this.nrRing > 0 && !isHeapDue) {
        const target = this.popRing();
        if (target !== NO_EVENT) return target;
        continue;
      }
      if (this.nrHeap === 0) return NO_EVENT;
      const target = this.targets[ROOT] as number;
      const isLive = this.pending[target] === this.seqs[ROOT];
      if (isLive && (this.times[ROOT] as number) > limitPs) return NO_EVENT;
      this.isRootEmpty = true;
      if (!isLive) continue;
      this.nowPs = this.times[ROOT] as number;
      this.pending[target] = 0;
      this.nrPending--;
      return target;
    }
  }

  /** Whether nothing is pending up to and including a time; what was cancelled may still count. */
  isIdleUntil(timePs: number): boolean {
    if (this.nrRing > 0) return false;
    if (this.isRootEmpty) this.fillRoot();
    return this.nrHeap === 0 || (this.times[ROOT] as number) > timePs;
  }

  /** Moves the clock forward to a time before which nothing is pending. */
  advanceTo(timePs: number): void {
    checkWholeNumber(timePs, "timePs", this.nowPs, Number.MAX_SAFE_INTEGER);
    this.nowPs = timePs;
  }

  private pushHeap(timePs: number, seq: number, target: number): void {
    if (this.isRootEmpty) {
      this.isRootEmpty = false;
      this.siftDown(0, timePs, seq, target);
      return;
    }
    if (ROOT + this.nrHeap === this.times.length) this.growHeap();
    if (this.nrHeap > COMPACT_FROM && 2 * this.nrSurelyDead() > this.nrHeap) this.compact();
    const { times, seqs, targets } = this;
    let at = this.nrHeap++;
    // A later insertion never passes an earlier one of the same time, so times alone decide here.
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = times[parent + ROOT] as number;
      if (parentTime <= timePs) break;
      times[at + ROOT] = parentTime;
      seqs[at + ROOT] = seqs[parent + ROOT] as number;
      targets[at + ROOT] = targets[parent + ROOT] as number;
      at = parent;
    }
    times[at + ROOT] = timePs;
    seqs[at + ROOT] = seq;
    targets[at + ROOT] = target;
  }

  private fillRoot(): void {
    this.isRootEmpty = false;
    const last = --this.nrHeap;
    if (last > 0) this.siftDownFrom(0, last);
  }

  private siftDownFrom(at: number, source: number): void {
    const from = source + ROOT;
    const time = this.times[from] as number;
    this.siftDown(at, time, this.seqs[from] as number, this.targets[from] as number);
  }

  private siftDown(start: number, timePs: number, seq: number, target: number): void {
    const { times, seqs, targets, nrHeap } = this;
    let at = start;
    for (;;) {
      let least = 4 * at + 1;
      if (least >= nrHeap) break;
      const end = least + 4 < nrHeap ? least + 4 : nrHeap;
      let leastTime = times[least + ROOT] as number;
      for (let child = least + 1; child < end; child++) {
        const time = times[child + ROOT] as number;
        if (time > leastTime) continue;
        if (time === leastTime && (seqs[child + ROOT] as number) > (seqs[least + ROOT] as number)) {
          continue;
        }
        least = child;
        leastTime = time;
      }
      if (timePs < leastTime) break;
      if (timePs === leastTime && seq < (seqs[least + ROOT] as number)) break;
      times[at + ROOT] = leastTime;
      seqs[at + ROOT] = seqs[least + ROOT] as number;
      targets[at + ROOT] = targets[least + ROOT] as number;
      at = least;
    }
    times[at + ROOT] = timePs;
    seqs[at + ROOT] = seq;
    targets[at + ROOT] = target;
  }

  private pushRing(seq: number, target: number): void {
    if (this.nrRing === this.ringSeqs.length) this.growRing();
    const at = (this.ringFirst + this.nrRing++) & (this.ringSeqs.length - 1);
    this.ringSeqs[at] = seq;
    this.ringTargets[at] = target;
  }

  private popRing(): number {
    const at = this.ringFirst;
    this.ringFirst = (at + 1) & (this.ringSeqs.length - 1);
    this.nrRing--;
    const target = this.ringTargets[at] as number;
    if (this.pending[target] !== this.ringSeqs[at]) return NO_EVENT;
    this.pending[target] = 0;
    this.nrPending--;
    return target;
  }

  /** Dead entries of the heap, at least; those of the ring are not told apart. */
  private nrSurelyDead(): number {
    return this.nrHeap - this.nrPending;
  }

  /** Drops every dead entry and builds the heap anew, which costs less than they did. */
  private compact(): void {
    if (this.isRootEmpty) this.fillRoot();
    const { times, seqs, targets, pending } = this;
    let kept = 0;
    for (let at = ROOT; at < ROOT + this.nrHeap; at++) {
      const target = targets[at] as number;
      if (pending[target] !== seqs[at]) continue;
      times[ROOT + kept] = times[at] as number;
      seqs[ROOT + kept] = seqs[at] as number;
      targets[ROOT + kept] = target;
      kept++;
    }
    this.nrHeap = kept;
    for (let at = (kept - 2) >> 2; at >= 0; at--) this.siftDownFrom(at, at);
  }

  private growHeap(): void {
    const size = 2 * this.times.length;
    this.times = grown(this.times, new Float64Array(size));
    this.seqs = grown(this.seqs, new Float64Array(size));
    this.targets = grown(this.targets, new Uint32Array(size));
  }

  private growRing(): void {
    const { ringSeqs, ringTargets, ringFirst, nrRing } = this;
    this.ringSeqs = new Float64Array(2 * nrRing);
    this.ringTargets = new Uint32Array(2 * nrRing);
    for (let i = 0; i < nrRing; i++) {
      const from = (ringFirst + i) & (nrRing - 1);
      this.ringSeqs[i] = ringSeqs[from] as number;
      this.ringTargets[i] = ringTargets[from] as number;
    }
    this.ringFirst = 0;
  }

  private growTargets(target: number): void {
    checkWholeNumber(target, "target", 0, 2 ** 32 - 1);
    const size = Math.max(2 * this.pending.length, target + 1);
    this.pending = grown(this.pending, new Float64Array(size));
  }
}

function grown<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
