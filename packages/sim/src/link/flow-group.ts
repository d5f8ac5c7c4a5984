// Fair sharing among lanes that routes connect: max-min fairness, by filling up the tightest lane
// first. Rates are never stored. Between two changes each lane's work is divided among the
// transfers that it holds back, in whole units of 10^-6 byte, and the remainder is carried on, so
// no byte is lost or won. The cost of a change depends on lanes and classes, and on transfers only
// by the logarithm of a heap.
import { invariant } from "@faultline/core";
import type { Sim } from "../actor/sim.ts";
import type { Timer } from "../actor/timer.ts";
import { LimitError } from "../time/limit-error.ts";
import { MAX_TIME_PS } from "../time/sim-time.ts";
import type { FlowClass } from "./flow-class.ts";
import type { Lane } from "./lane.ts";

/** Units in a byte. */
export const UNITS_PER_BYTE = 1e6;

/** Products of rates with times or with transfers stay below this, so that they are exact. */
const MAX_WORK = 2 ** 51;

/** Who owns the transfers. A sequence number tells a transfer from a later one of the same flow. */
export interface FlowOwner {
  readonly isLive: (flow: number, seq: number) => boolean;
  /** Called when a transfer has been served. */
  readonly onServed: (flow: number) => void;
}

/** Lanes and classes that can influence each other. */
export class FlowGroup {
  readonly lanes: Lane[] = [];
  readonly classes: FlowClass[] = [];
  private readonly sim: Sim;
  private readonly timer: Timer;
  private readonly owner: FlowOwner;
  /** The lanes that hold classes back, tightest first; only the first `nrTight` mean anything. */
  private readonly order: Lane[] = [];
  private nrTight = 0;
  private settledPs = 0;
  /** How much time is served at once. */
  private stepPs = MAX_WORK;

  constructor(sim: Sim, owner: FlowOwner) {
    this.sim = sim;
    this.owner = owner;
    this.timer = sim.timer(() => this.complete());
  }

  /**
   * Adds a transfer.
   * @returns where the clock of its class will be at its end.
   */
  add(flowClass: FlowClass, units: number, seq: number, flow: number): number {
    this.settle();
    flowClass.rebase();
    const finish = flowClass.served + units;
    flowClass.heap.push(finish, seq, flow);
    flowClass.count(1);
    this.replan();
    return finish;
  }

  /** Takes out a transfer that has not ended; its entry in the heap is dead from now on. */
  remove(flowClass: FlowClass): void {
    this.settle();
    flowClass.count(-1);
    this.replan();
  }

  /** Takes over the lanes and classes of another group, because a new route connects them. */
  merge(other: FlowGroup): void {
    this.settle();
    other.settle();
    other.timer.cancel();
    for (const lane of other.lanes) lane.group = this;
    this.lanes.push(...other.lanes.splice(0));
    this.classes.push(...other.classes.splice(0));
    this.replan();
  }

  /** Brings what was served, and the counters of the lanes, up to now. */
  settle(): void {
    let elapsedPs = this.sim.nowPs - this.settledPs;
    this.settledPs = this.sim.nowPs;
    if (this.nrTight === 0) return;
    for (const lane of this.lanes) if (lane.nrFlows > 0) lane.busyPs += elapsedPs;
    for (; elapsedPs > this.stepPs; elapsedPs -= this.stepPs) this.serve(this.stepPs);
    this.serve(elapsedPs);
  }

  /** Decides anew who is held back where, and when the next transfer ends. */
  replan(): void {
    this.fill();
    let soonestPs = Infinity;
    for (const flowClass of this.classes) {
      if (flowClass.nrFlows === 0) continue;
      this.dropDead(flowClass);
      const neededUnits = flowClass.heap.firstFinish - flowClass.served;
      const { bottleneck } = flowClass;
      invariant(bottleneck !== null, "a class with transfers is held back somewhere");
      soonestPs = Math.min(soonestPs, timeFor(bottleneck, neededUnits));
    }
    if (soonestPs === Infinity) this.timer.cancel();
    else this.timer.setAt(Math.min(this.sim.nowPs + soonestPs, MAX_TIME_PS + 1));
  }

  private serve(elapsedPs: number): void {
    for (let at = 0; at < this.nrTight; at++) {
      const lane = this.order[at] as Lane;
      const gain = takeGain(lane, elapsedPs);
      for (const flowClass of lane.classes) {
        if (flowClass.bottleneck !== lane) continue;
        flowClass.gain = gain;
        flowClass.served += gain;
      }
    }
  }

  private complete(): void {
    this.settle();
    for (const flowClass of this.classes) {
      while (flowClass.nrFlows > 0) {
        const { heap, bottleneck } = flowClass;
        if (heap.firstFinish > flowClass.served) break;
        const excess = flowClass.served - heap.firstFinish;
        const { firstFlow, firstSeq } = heap;
        heap.shift();
        if (!this.owner.isLive(firstFlow, firstSeq)) continue;
        // What it was served beyond its end belongs to the others.
        if (bottleneck !== null) bottleneck.carry += excess;
        flowClass.count(-1);
        this.owner.onServed(firstFlow);
      }
    }
    this.replan();
  }

  private fill(): void {
    const { lanes, order } = this;
    this.nrTight = 0;
    let fastest = 1;
    for (const lane of lanes) {
      if (lane.capacity > fastest) fastest = lane.capacity;
      lane.restCapacity = lane.capacity;
      lane.nrOpen = lane.nrFlows;
      lane.nrOwn = 0;
      lane.hasForeign = false;
    }
    this.stepPs = Math.floor(MAX_WORK / fastest);
    for (const flowClass of this.classes) {
      flowClass.isOpen = flowClass.nrFlows > 0;
      flowClass.bottleneck = null;
    }
    for (let lane = tightest(lanes); lane !== null; lane = tightest(lanes)) {
      order[this.nrTight++] = lane;
      holdBack(lane);
    }
    for (const lane of lanes) if (lane.nrOwn === 0 || lane.capacity === 0) lane.carry = 0;
  }

  private dropDead({ heap }: FlowClass): void {
    while (heap.length > 0 && !this.owner.isLive(heap.firstFlow, heap.firstSeq)) heap.shift();
  }
}

/** The lane whose rest gives the least to each of its open transfers; null when none is open. */
function tightest(lanes: readonly Lane[]): Lane | null {
  let found: Lane | null = null;
  let least = Infinity;
  for (const lane of lanes) {
    if (lane.nrOpen === 0) continue;
    const share = lane.restCapacity / lane.nrOpen;
    if (share >= least) continue;
    found = lane;
    least = share;
  }
  return found;
}

/** Closes every open class that passes the lane, and takes its rate from the other lanes. */
function holdBack(lane: Lane): void {
  const share = lane.restCapacity / lane.nrOpen;
  for (const flowClass of lane.classes) {
    if (!flowClass.isOpen) continue;
    flowClass.isOpen = false;
    flowClass.bottleneck = lane;
    lane.nrOwn += flowClass.nrFlows;
    for (const other of flowClass.lanes) {
      other.nrOpen -= flowClass.nrFlows;
      if (other === lane) continue;
      other.hasForeign = true;
      other.restCapacity = Math.max(0, other.restCapacity - share * flowClass.nrFlows);
    }
  }
  if (lane.nrOwn * lane.capacity < MAX_WORK) return;
  const problem = `nrTransfers: ${lane.nrOwn} at once over ${lane.name} are too many to be exact`;
  throw new LimitError("nrTransfers", Math.floor(MAX_WORK / lane.capacity), problem);
}

/**
 * What each transfer held back by a lane is served in a time: what the lane did, less what the
 * transfers took that are held back elsewhere, divided by the rest. The remainder is carried on.
 */
function takeGain(lane: Lane, elapsedPs: number): number {
  const { capacity, nrOwn } = lane;
  if (capacity === 0) return 0;
  let units = capacity * elapsedPs + lane.carry;
  if (lane.hasForeign) {
    for (const { bottleneck, nrFlows, gain } of lane.classes) {
      if (bottleneck !== lane) units -= nrFlows * gain;
    }
  }
  const gain = Math.floor(units / nrOwn);
  lane.carry = units - gain * nrOwn;
  return gain;
}

/** The first whole time after which each transfer held back by the lane was served that much. */
function timeFor(lane: Lane, units: number): number {
  const { capacity, nrOwn, carry } = lane;
  if (capacity === 0) return Infinity;
  if (lane.hasForeign) return timeBeside(lane, units);
  const parts = Math.floor(units / capacity);
  const rest = (units - parts * capacity) * nrOwn - carry;
  return Math.max(0, parts * nrOwn + Math.ceil(rest / capacity));
}

/**
 * The same where others take their part first, whose rates are no whole numbers. It may be a little
 * early, never late: an event that comes too early finds nothing done and looks again.
 */
function timeBeside({ restCapacity, nrOwn, carry }: Lane, units: number): number {
  if (restCapacity <= 0) return Infinity;
  const time = (units * nrOwn - carry) / restCapacity;
  return Math.max(1, Math.ceil(time - time * 2 ** -48 - 2 ** -10));
}
