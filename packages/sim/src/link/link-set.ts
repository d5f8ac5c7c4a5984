// Links, routes over them, and transfers over routes. A transfer takes its share of every lane of a
// segment at once (cut-through); a lane that stores and forwards ends a segment, and the transfer
// goes on to the next one when it has arrived there whole.
import { checkArgument, checkWholeNumber } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import { type Pause, WAIT_LINK_DOWN, WAIT_OK } from "../actor/pause.ts";
import type { Sim } from "../actor/sim.ts";
import type { Timer } from "../actor/timer.ts";
import { checkPs } from "../time/sim-time.ts";
import { FlowClass } from "./flow-class.ts";
import { FlowGroup, UNITS_PER_BYTE } from "./flow-group.ts";
import { type DownMode, Lane } from "./lane.ts";
import { Route } from "./route.ts";

/** A transfer has at most 4 GiB; more is several transfers. */
export const MAX_TRANSFER_BYTES: number = 2 ** 32;
const MAX_MEGABYTES_PER_SEC = 2 ** 27;

/** How a link is made. */
export interface LinkSpec {
  readonly name: string;
  /** In each direction, in 10^6 bytes per second: 32 GB/s is 32 000. */
  readonly megabytesPerSec: number;
  readonly latencyPs: number;
  /** False when both directions share the rate; true unless given. */
  readonly isDuplex?: boolean;
  /** Whether its far end passes on what it gets at once; `cut-through` unless given. */
  readonly forwarding?: "cut-through" | "store-and-forward";
}

/** A link. Routes are made of its lanes. */
export interface Link {
  readonly name: string;
  /** From the link's near end to its far end. */
  readonly there: Lane;
  /** From the far end to the near end; the same lane when it is not duplex. */
  readonly back: Lane;
}

/** One transfer under way; used again for later ones. */
interface Flow {
  readonly index: number;
  /** Begins the next segment. */
  readonly timer: Timer;
  /** The number of its entry in a heap; 0 while it is in none. */
  seq: number;
  actor: Actor | null;
  route: Route | null;
  segment: number;
  sizeBytes: number;
  /** Where its class's clock will be at its end, and how often the clock had been set back. */
  finish: number;
  nrRebases: number;
  startedPs: number;
  /** What sharing has cost it so far. */
  excessPs: number;
}

/** All links of a simulation. */
export class LinkSet {
  private readonly sim: Sim;
  private readonly groups = new Set<FlowGroup>();
  private readonly classes = new Map<string, FlowClass>();
  private readonly laneNumbers = new Map<Lane, number>();
  private readonly flows: Flow[] = [];
  private readonly freeFlows: number[] = [];
  private lastSeq = 0;

  constructor(sim: Sim) {
    this.sim = sim;
  }

  /** Makes a link. */
  link(spec: LinkSpec): Link {
    const { name, megabytesPerSec, latencyPs, isDuplex = true, forwarding } = spec;
    checkWholeNumber(megabytesPerSec, "megabytesPerSec", 1, MAX_MEGABYTES_PER_SEC);
    checkPs(latencyPs, "latencyPs");
    const isStoreAndForward = forwarding === "store-and-forward";
    const laneSpec = { megabytesPerSec, latencyPs, isStoreAndForward };
    const there = this.lane(isDuplex ? `${name} there` : name, laneSpec);
    return { name, there, back: isDuplex ? this.lane(`${name} back`, laneSpec) : there };
  }

  /** Makes a route over lanes, in the order in which a transfer passes them; each once. */
  route(name: string, lanes: readonly Lane[]): Route {
    checkArgument(lanes.length > 0, "lanes", "a route has at least one");
    checkArgument(new Set(lanes).size === lanes.length, "lanes", "a lane is passed twice");
    const segments: FlowClass[] = [];
    let from = 0;
    lanes.forEach((lane, at) => {
      if (!lane.isStoreAndForward && at < lanes.length - 1) return;
      segments.push(this.classOf(lanes.slice(from, at + 1)));
      from = at + 1;
    });
    return new Route(this, name, segments);
  }

  /** Takes a link down, both ways: its transfers stop, or fail with WAIT_LINK_DOWN. */
  takeDown(link: Link, mode: DownMode): void {
    for (const lane of new Set([link.there, link.back])) {
      lane.group.settle();
      lane.down = mode;
      if (mode === "fail") this.failAll(lane);
      lane.group.replan();
    }
  }

  /** Brings a link up again; what has stalled goes on. */
  bringUp(link: Link): void {
    this.change(link, (lane) => (lane.down = null));
  }

  /** Changes what a link carries, as when it trains down; transfers under way feel it at once. */
  setRate(link: Link, megabytesPerSec: number): void {
    checkWholeNumber(megabytesPerSec, "megabytesPerSec", 1, MAX_MEGABYTES_PER_SEC);
    this.change(link, (lane) => (lane.megabytesPerSec = megabytesPerSec));
  }

  /** Brings the counters of all lanes up to now. */
  settle(): void {
    for (const group of this.groups) group.settle();
  }

  /** Begins a transfer; `Route.transfer` is its public face. */
  begin(route: Route, actor: Actor, sizeBytes: number): Pause {
    checkWholeNumber(sizeBytes, "sizeBytes", 0, MAX_TRANSFER_BYTES);
    if (isFailing(route.segments[0])) return actor.proceed(WAIT_LINK_DOWN);
    const pause = actor.park(route);
    const flow = this.flows[this.freeFlows.pop() ?? this.addFlow()] as Flow;
    flow.actor = actor;
    flow.route = route;
    flow.segment = 0;
    flow.sizeBytes = sizeBytes;
    flow.excessPs = 0;
    actor.waitArg = flow.index;
    this.beginSegment(flow);
    return pause;
  }

  /** Gives up the transfer that an actor waits for. */
  abandon(actor: Actor): void {
    const flow = this.flows[actor.waitArg];
    if (flow?.actor !== actor) return;
    if (flow.seq !== 0) this.takeOut(flow);
    flow.timer.cancel();
    this.free(flow);
  }

  private lane(name: string, spec: ConstructorParameters<typeof Lane>[1]): Lane {
    const group = new FlowGroup(this.sim, {
      isLive: (index, seq) => this.flows[index]?.seq === seq,
      onServed: (index) => this.endSegment(this.flows[index] as Flow),
    });
    this.groups.add(group);
    const lane = new Lane(name, spec, group);
    this.laneNumbers.set(lane, this.laneNumbers.size);
    return lane;
  }

  private classOf(lanes: readonly Lane[]): FlowClass {
    // Order does not matter for sharing.
    const numbers = lanes.map((lane) => this.laneNumbers.get(lane) ?? -1);
    checkArgument(!numbers.includes(-1), "lanes", "a lane is of another set of links");
    const key = numbers.sort((a, b) => a - b).join();
    const known = this.classes.get(key);
    if (known !== undefined) return known;
    const [first] = lanes as [Lane];
    for (const { group } of lanes) {
      if (group === first.group) continue;
      first.group.merge(group);
      this.groups.delete(group);
    }
    const flowClass = new FlowClass(lanes);
    first.group.classes.push(flowClass);
    this.classes.set(key, flowClass);
    return flowClass;
  }

  private change(link: Link, change: (lane: Lane) => void): void {
    for (const lane of new Set([link.there, link.back])) {
      lane.group.settle();
      change(lane);
      lane.group.replan();
    }
  }

  private failAll(lane: Lane): void {
    for (const flow of this.flows) {
      if (flow.seq === 0 || !segmentOf(flow).lanes.includes(lane)) continue;
      this.takeOut(flow);
      this.endTransfer(flow, this.sim.nowPs, WAIT_LINK_DOWN);
    }
  }

  private beginSegment(flow: Flow): void {
    const flowClass = segmentOf(flow);
    if (isFailing(flowClass)) {
      this.endTransfer(flow, this.sim.nowPs, WAIT_LINK_DOWN);
      return;
    }
    const units = flow.sizeBytes * UNITS_PER_BYTE;
    const { group } = flowClass.lanes[0] as Lane;
    flow.startedPs = this.sim.nowPs;
    flow.seq = ++this.lastSeq;
    flow.finish = group.add(flowClass, units, flow.seq, flow.index);
    flow.nrRebases = flowClass.nrRebases;
  }

  private endSegment(flow: Flow): void {
    const { sim } = this;
    const { lanes } = segmentOf(flow);
    flow.seq = 0;
    let latencyPs = 0;
    let slowest = Infinity;
    for (const lane of lanes) {
      lane.bytes += flow.sizeBytes;
      lane.nrTransfers++;
      latencyPs += lane.latencyPs;
      if (lane.megabytesPerSec < slowest) slowest = lane.megabytesPerSec;
    }
    const alonePs = Math.ceil((flow.sizeBytes * UNITS_PER_BYTE) / slowest);
    flow.excessPs += Math.max(0, sim.nowPs - flow.startedPs - alonePs);
    flow.segment++;
    const isLast = flow.segment === (flow.route as Route).segments.length;
    if (isLast) this.endTransfer(flow, sim.nowPs + latencyPs, WAIT_OK);
    else flow.timer.setAfter(latencyPs);
  }

  private endTransfer(flow: Flow, atPs: number, code: number): void {
    const { actor, excessPs } = flow;
    this.free(flow);
    actor?.finishWork(atPs, excessPs, code);
  }

  /** Takes a flow out of the lanes; what has passed counts as carried. */
  private takeOut(flow: Flow): void {
    const flowClass = segmentOf(flow);
    const { group } = flowClass.lanes[0] as Lane;
    flow.seq = 0;
    group.settle();
    const unitsLeft = flowClass.unitsLeft(flow.finish, flow.nrRebases);
    group.remove(flowClass);
    const bytes = flow.sizeBytes - Math.ceil(unitsLeft / UNITS_PER_BYTE);
    for (const lane of flowClass.lanes) lane.bytes += bytes;
  }

  private free(flow: Flow): void {
    flow.actor = null;
    flow.route = null;
    flow.seq = 0;
    this.freeFlows.push(flow.index);
  }

  private addFlow(): number {
    const index = this.flows.length;
    const timer = this.sim.timer(() => this.beginSegment(this.flows[index] as Flow));
    this.flows.push({
      index,
      timer,
      seq: 0,
      actor: null,
      route: null,
      segment: 0,
      sizeBytes: 0,
      finish: 0,
      nrRebases: 0,
      startedPs: 0,
      excessPs: 0,
    });
    return index;
  }
}

function segmentOf({ route, segment }: Flow): FlowClass {
  return (route as Route).segments[segment] as FlowClass;
}

function isFailing(flowClass: FlowClass | undefined): boolean {
  return flowClass?.lanes.some(({ down }) => down === "fail") ?? false;
}
