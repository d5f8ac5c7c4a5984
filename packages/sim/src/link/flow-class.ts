// Transfers over the same lanes: they share alike, so they have one virtual clock, which counts
// what each of them has been served. A transfer ends when the clock has advanced by its size.
import { FlowHeap } from "./flow-heap.ts";
import type { Lane } from "./lane.ts";

const REBASE_UNITS = 2 ** 52;

/** All transfers over one run of lanes. */
export class FlowClass {
  readonly lanes: readonly Lane[];
  readonly heap: FlowHeap = new FlowHeap();
  /** Transfers that are under way; the heap may hold dead ones besides. */
  nrFlows = 0;
  /** What each transfer has been served since the class was last empty, in 10^-6 byte. */
  served = 0;
  /** How often `served` was set back. */
  nrRebases = 0;
  /** What the last advance added to it. */
  gain = 0;
  /** The lane that holds the class back. */
  bottleneck: Lane | null = null;
  /** While rates are decided. */
  isOpen = false;

  constructor(lanes: readonly Lane[]) {
    this.lanes = lanes;
    for (const lane of lanes) lane.classes.push(this);
  }

  /** Counts a transfer in (1) or out (-1). */
  count(change: 1 | -1): void {
    this.nrFlows += change;
    for (const lane of this.lanes) {
      lane.nrFlows += change;
      if (lane.nrFlows > lane.maxFlows) lane.maxFlows = lane.nrFlows;
    }
    if (this.nrFlows > 0) return;
    this.served = 0;
    this.heap.length = 0;
  }

  /** Sets the clock back before it could lose whole units. */
  rebase(): void {
    if (this.served < REBASE_UNITS) return;
    this.served -= REBASE_UNITS;
    this.heap.rebase(REBASE_UNITS);
    this.nrRebases++;
  }

  /**
   * What a transfer still has to be served.
   * @param finish where the clock would have been at its end.
   * @param nrRebases of the class when that was said.
   */
  unitsLeft(finish: number, nrRebases: number): number {
    const rebased = finish - (this.nrRebases - nrRebases) * REBASE_UNITS;
    return Math.max(0, rebased - this.served);
  }
}
