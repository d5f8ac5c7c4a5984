// Pages of a VA block that go to and fro between processors: first all but one of these wait, then
// the page is pinned and the others map it from afar, until the pin ends and they fault again.
// Mirrors uvm_perf_thrashing.c, without its votes for another lapse. An event is a fault that moved
// a page.
import type { PageRange } from "../device/device-stack.ts";
import { FirstMoves } from "./first-moves.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import type { UvmKnobs } from "./uvm-knobs.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

const PS_PER_US = 1_000_000;

/** What a fault on a page should do. */
export type ThrashingHint =
  | { readonly kind: "none" }
  | { readonly kind: "throttle"; readonly untilPs: number }
  | { readonly kind: "pin"; readonly residency: UvmProcessor };

const NONE: ThrashingHint = { kind: "none" };

/** The books of one page. */
interface PageHistory {
  nrEvents: number;
  lastEventPs: number;
  /** Who has wanted the page since its history began: few, so a list is quicker than a set. */
  readonly processors: UvmProcessor[];
  nrThrottles: number;
  /** Who need not wait in the period that ends then. */
  exempt: UvmProcessor;
  periodEndPs: number;
  /** Who waits, with the end of the period in which that was counted; null while nobody has. */
  throttled: Map<UvmProcessor, number> | null;
  /** Null while the page is not pinned. */
  pinned: UvmProcessor | null;
  pinEndPs: number;
}

/** The detection in one block. */
export class BlockThrashing {
  private readonly space: UvmVaSpace;
  private readonly firstMoves: FirstMoves;
  private readonly pages = new Map<number, PageHistory>();
  private nrResets = 0;

  /** @param block the pages that it covers. */
  constructor(space: UvmVaSpace, block: PageRange) {
    this.space = space;
    this.firstMoves = new FirstMoves(block);
  }

  /** A fault has moved a page to a processor from another. */
  noteMove(page: number, to: UvmProcessor): void {
    const { knobs, now } = this;
    if (knobs === null) return;
    const history = this.current(page, knobs) ?? this.afterFirstMove(page, knobs);
    if (history === null) {
      this.firstMoves.note(page, to, now);
      return;
    }
    const isClose = now - history.lastEventPs <= lapsePs(knobs);
    const wasThrashing = isThrashing(history, knobs);
    if (isClose || !wasThrashing) history.nrEvents = isClose ? history.nrEvents + 1 : 1;
    history.lastEventPs = now;
    addProcessor(history, to);
    if (!wasThrashing && isThrashing(history, knobs)) {
      this.emit({ type: "ThrashingDetected", processor: to, page, nrPages: 1 });
    }
  }

  /** What a fault of a processor on a page should do now. */
  hint(page: number, processor: UvmProcessor): ThrashingHint {
    const { knobs } = this;
    if (knobs === null) return NONE;
    const history = this.current(page, knobs);
    if (history === null || !isThrashing(history, knobs)) return NONE;
    addProcessor(history, processor);
    if (history.pinned !== null) {
      const { driver } = this.space;
      if (driver.canAccess(processor, history.pinned)) return pinAt(history.pinned);
      // Somebody new cannot reach the place: nothing but another move would let it go on.
      history.pinned = null;
    }
    const isWaiting = history.throttled?.get(processor) === history.periodEndPs;
    if (isWaiting && this.now < history.periodEndPs) {
      return { kind: "throttle", untilPs: history.periodEndPs };
    }
    if (history.nrThrottles >= knobs.uvm_perf_thrashing_pin_threshold) {
      const place = this.pinningPlace(page, history.processors);
      if (place !== null) return this.pin(page, history, place, knobs);
    }
    return this.throttle(page, history, processor, knobs);
  }

  /** Pages that thrash now; the prefetcher leaves them alone. */
  thrashingPages(): number[] {
    const { knobs } = this;
    if (knobs === null) return [];
    return [...this.pages.keys()].filter((page) => {
      const history = this.current(page, knobs);
      return history !== null && isThrashing(history, knobs);
    });
  }

  /** Null while nothing is detected here. */
  private get knobs(): UvmKnobs | null {
    const knobs = this.space.gpus[0]?.stack.knobs ?? null;
    if (knobs === null || knobs.uvm_perf_thrashing_enable === 0) return null;
    return this.nrResets <= knobs.uvm_perf_thrashing_max_resets ? knobs : null;
  }

  private get now(): number {
    return this.space.gpus[0]?.stack.host.now() ?? 0;
  }

  /** The history of a page; null when there is none, or when it is forgotten now. */
  private current(page: number, knobs: UvmKnobs): PageHistory | null {
    const history = this.pages.get(page);
    if (history === undefined) return null;
    const isPinOver = history.pinned !== null && this.now >= history.pinEndPs;
    const isOld = history.pinned === null && this.now - history.lastEventPs > epochPs(knobs);
    if (!isPinOver && !isOld) return history;
    this.pages.delete(page);
    if (isThrashing(history, knobs)) this.nrResets++;
    return null;
  }

  /** Books for a page that has moved once, unless that was too long ago. */
  private afterFirstMove(page: number, knobs: UvmKnobs): PageHistory | null {
    const { firstMoves } = this;
    const processor = firstMoves.processorOf(page);
    if (processor === null) return null;
    const lastEventPs = firstMoves.timePsOf(page);
    firstMoves.forget(page);
    if (this.now - lastEventPs > epochPs(knobs)) return null;
    const history = createHistory(processor, lastEventPs);
    this.pages.set(page, history);
    return history;
  }

  private throttle(
    page: number,
    history: PageHistory,
    processor: UvmProcessor,
    knobs: UvmKnobs,
  ): ThrashingHint {
    if (this.now >= history.periodEndPs) {
      history.exempt = processor;
      history.periodEndPs = this.now + knobs.uvm_perf_thrashing_nap * lapsePs(knobs);
    }
    if (history.exempt === processor) {
      if (history.throttled?.delete(processor) === true) {
        this.emit({ type: "ThrottlingEnd", processor, page, nrPages: 1 });
      }
      return NONE;
    }
    const throttled = (history.throttled ??= new Map());
    if (!throttled.has(processor)) {
      this.emit({ type: "ThrottlingStart", processor, page, nrPages: 1 });
    }
    throttled.set(processor, history.periodEndPs);
    history.nrThrottles++;
    return { kind: "throttle", untilPs: history.periodEndPs };
  }

  private pin(
    page: number,
    history: PageHistory,
    place: UvmProcessor,
    knobs: UvmKnobs,
  ): ThrashingHint {
    const lapses = knobs.uvm_perf_thrashing_pin;
    history.pinned = place;
    const pinPs = lapses * lapsePs(knobs);
    history.pinEndPs = lapses === 0 ? Infinity : this.now + pinPs;
    for (const processor of history.throttled?.keys() ?? []) {
      this.emit({ type: "ThrottlingEnd", processor, page, nrPages: 1 });
    }
    history.throttled?.clear();
    const [gpu] = this.space.gpus;
    if (gpu !== undefined) {
      gpu.stack.stats.pinned_pages++;
      if (lapses > 0) gpu.stack.host.timer(pinPs, () => this.unpin(page, history));
    }
    return pinAt(place);
  }

  /** Whoever maps the page from afar has to fault again, or the page would stay where it is. */
  private unpin(page: number, { pinned, pinEndPs }: PageHistory): void {
    if (pinned === null || this.now < pinEndPs || !this.space.holds(this)) return;
    for (const { stack, mirror } of this.space.gpus) {
      const isRemote = stack.processor !== pinned && !mirror.duplicates.has(page);
      if (isRemote && mirror.lookup(page) !== null) mirror.unmap(page, 1);
    }
  }

  /**
   * Where all of them reach a page: its preferred location, else one with fast links and native
   * atomics for everybody, else any.
   */
  private pinningPlace(page: number, processors: readonly UvmProcessor[]): UvmProcessor | null {
    const { driver, policies } = this.space;
    const { preferred } = policies.at(page);
    const places = new Set([...processors, UVM_ID_CPU]);
    const reached = [...places].filter((place) => {
      return driver.hasMemory(place) && isForAll(processors, (one) => driver.canAccess(one, place));
    });
    const isPreferred =
      preferred !== null && isForAll(processors, (one) => driver.canAccess(one, preferred));
    if (isPreferred) return preferred;
    const isFast = (place: UvmProcessor): boolean =>
      isForAll(processors, (one) => driver.hasFastLink(one, place));
    return reached.find(isFast) ?? reached[0] ?? null;
  }

  private emit(event: Parameters<UvmVaSpace["emit"]>[0]): void {
    this.space.emit(event);
  }
}

/** The books of a page after one move. */
function createHistory(to: UvmProcessor, lastEventPs: number): PageHistory {
  return {
    nrEvents: 1,
    lastEventPs,
    processors: [to],
    nrThrottles: 0,
    exempt: UVM_ID_CPU,
    periodEndPs: 0,
    throttled: null,
    pinned: null,
    pinEndPs: 0,
  };
}

function lapsePs({ uvm_perf_thrashing_lapse_usec: us }: UvmKnobs): number {
  return us * PS_PER_US;
}

/** After so long without an event a page's history is forgotten. */
function epochPs(knobs: UvmKnobs): number {
  return knobs.uvm_perf_thrashing_epoch * lapsePs(knobs);
}

function isThrashing({ nrEvents, processors }: PageHistory, knobs: UvmKnobs): boolean {
  return processors.length > 1 && nrEvents >= knobs.uvm_perf_thrashing_threshold;
}

function pinAt(residency: UvmProcessor): ThrashingHint {
  return { kind: "pin", residency };
}

function isForAll(
  processors: readonly UvmProcessor[],
  holds: (processor: UvmProcessor) => boolean,
): boolean {
  return processors.every(holds);
}

function addProcessor({ processors }: PageHistory, processor: UvmProcessor): void {
  if (!processors.includes(processor)) processors.push(processor);
}
