// One simulation: its clock, its actors, its random streams, and the loop that runs them. Given the
// same seed and the same actors it does the same, on every machine.
import { checkArgument, checkWholeNumber } from "@faultline/core";
import { ExactSum } from "../exact-sum.ts";
import { RandomStreams } from "../random/random-streams.ts";
import { EventQueue, NO_EVENT } from "../time/event-queue.ts";
import { LimitError } from "../time/limit-error.ts";
import { checkPs, formatPs, MAX_TIME_PS } from "../time/sim-time.ts";
import { WAIT_NAMES } from "../wait/wait-kinds.ts";
import type { FinishedWait } from "../wait/waitable.ts";
import { Actor } from "./actor.ts";
import { ActorDeadlockError, describeWaiting, waitingActors } from "./actor-deadlock-error.ts";
import type { ActorBody } from "./pause.ts";
import type { EventReceiver } from "./event-receiver.ts";
import { Timer } from "./timer.ts";

/** How a simulation is set up. */
export interface SimOptions {
  /** Decides all random streams; 42 unless given. */
  readonly seed?: number;
  /** Where a run ends with a `LimitError`; at most, and by default, 2^53 - 1. */
  readonly maxTimePs?: number;
}

/** When a slice of a run stops. */
export interface RunOptions {
  /** The last instant of the slice; events at it still happen. */
  readonly untilPs?: number;
  /** Events in the slice, at most. */
  readonly maxEvents?: number;
  /** Called now and then; returning false stops the slice. */
  readonly onProgress?: (progress: RunProgress) => boolean | void;
  /** Events between two calls of `onProgress`; 65536 unless given. */
  readonly progressEvents?: number;
}

/** How far a run is. */
export interface RunProgress {
  readonly nowPs: number;
  /** Events since the simulation began. */
  readonly nrEvents: number;
  /** Actors, other than daemons, that have not ended. */
  readonly nrForeground: number;
}

/** How a slice of a run ended. */
export interface RunResult extends RunProgress {
  /** `done`: every actor that is no daemon has ended, or nothing is left to happen. */
  readonly ended: "done" | "until" | "max-events" | "stopped";
  /** Whether actors were left unfinished, so that results cover only a part; run again to go on. */
  readonly isPartial: boolean;
}

const PROGRESS_EVENTS = 65536;

/** A simulation. */
export class Sim {
  readonly queue: EventQueue = new EventQueue();
  readonly random: RandomStreams;
  /** The actor that runs just now. */
  current: Actor | null = null;
  /** Who ran last; whoever looks between events may set it to null, to tell timers from actors. */
  lastActor: Actor | null = null;
  /** Told of each wait that ends; nothing is allocated for waits while it is null. */
  onWait: ((wait: FinishedWait) => void) | null = null;
  /** What all actors waited so far, by WAIT_*. */
  readonly waited: readonly ExactSum[] = WAIT_NAMES.map(() => new ExactSum());
  nrEvents = 0;
  /** Actors, other than daemons, that have not ended. */
  nrForeground = 0;
  private readonly maxTimePs: number;
  /** Up to when, and up to which event, the slice at hand goes on without being looked at. */
  private sliceLimitPs = -1;
  private sliceLastEvent = 0;
  private readonly targets: (EventReceiver | null)[] = [];
  private readonly freeIds: number[] = [];

  constructor({ seed = 42, maxTimePs = MAX_TIME_PS }: SimOptions = {}) {
    checkWholeNumber(maxTimePs, "maxTimePs", 1, MAX_TIME_PS);
    this.random = new RandomStreams(seed);
    this.maxTimePs = maxTimePs;
  }

  /** The current instant. */
  get nowPs(): number {
    return this.queue.nowPs;
  }

  /** Starts an actor at the current instant, after what is already due. */
  spawn(
    name: string,
    body: (self: Actor) => ActorBody,
    options: { readonly isDaemon?: boolean } = {},
  ): Actor {
    const actor = new Actor(this, name, options.isDaemon ?? false, body);
    if (!actor.isDaemon) this.nrForeground++;
    this.queue.schedule(this.nowPs, actor.id);
    return actor;
  }

  /** Makes a timer, which is not set yet. */
  timer(fire: () => void): Timer {
    return new Timer(this, fire);
  }

  /**
   * Runs until every actor that is no daemon has ended, or a slice of that.
   * @throws ActorDeadlockError when actors wait and nothing is left that could wake them.
   * @throws LimitError when the run does not end before `maxTimePs`.
   */
  run(options: RunOptions = {}): RunResult {
    const { untilPs = MAX_TIME_PS, maxEvents = Infinity, onProgress } = options;
    const { progressEvents = PROGRESS_EVENTS } = options;
    checkWholeNumber(untilPs, "untilPs", this.nowPs, MAX_TIME_PS);
    checkArgument(maxEvents >= 1, "maxEvents", "a slice has at least one event");
    checkArgument(this.current === null, "run", "an actor cannot run the simulation it is in");
    const { queue, targets } = this;
    const limitPs = Math.min(untilPs, this.maxTimePs);
    const hadForeground = this.nrForeground > 0;
    const lastEvent = this.nrEvents + maxEvents;
    let nextReport = onProgress === undefined ? Infinity : this.nrEvents + progressEvents;
    this.sliceLimitPs = limitPs;
    this.sliceLastEvent = Math.min(lastEvent, nextReport);
    for (;;) {
      const target = queue.pop(limitPs);
      if (target === NO_EVENT) return this.endOfEvents(options.untilPs);
      this.nrEvents++;
      targets[target]?.fire();
      if (hadForeground && this.nrForeground === 0) return this.result("done");
      if (this.nrEvents >= nextReport) {
        nextReport = this.nrEvents + progressEvents;
        this.sliceLastEvent = Math.min(lastEvent, nextReport);
        if (onProgress?.(this.progress()) === false) return this.result("stopped");
      }
      if (this.nrEvents >= lastEvent) return this.result("max-events");
    }
  }

  /**
   * Lets time pass for the actor that runs, where nothing else happens until then: the same as if
   * it had slept, without the way through the loop: `if (!sim.passAlone(ps)) yield ps;`.
   * @returns false where it has to sleep.
   */
  passAlone(pausePs: number): boolean {
    const { queue } = this;
    const endPs = queue.nowPs + pausePs;
    if (endPs > this.sliceLimitPs || this.nrEvents + 1 >= this.sliceLastEvent) return false;
    if (!queue.isIdleUntil(endPs)) return false;
    checkPs(pausePs, "pausePs");
    this.nrEvents++;
    queue.nowPs = endPs;
    return true;
  }

  /** Gives a target its number; for parts of the simulation that have events of their own. */
  addReceiver(target: EventReceiver): number {
    const id = this.freeIds.pop() ?? this.targets.length;
    this.targets[id] = target;
    return id;
  }

  /** Forgets a target and its pending event; its number goes to another. */
  removeReceiver(target: EventReceiver): void {
    if (this.targets[target.id] !== target) return;
    this.queue.cancel(target.id);
    this.targets[target.id] = null;
    this.freeIds.push(target.id);
    if (target instanceof Actor && !target.isDaemon) this.nrForeground--;
  }

  /** Every actor that has not ended, in the order of their numbers. */
  actors(): Actor[] {
    return this.targets.filter((target) => target instanceof Actor);
  }

  /** How far the run is. */
  progress(): RunProgress {
    return { nowPs: this.nowPs, nrEvents: this.nrEvents, nrForeground: this.nrForeground };
  }

  private endOfEvents(untilPs: number | undefined): RunResult {
    if (this.queue.nrPending === 0) {
      if (this.nrForeground > 0) throw new ActorDeadlockError(waitingActors(this));
      return this.result("done");
    }
    if (untilPs === undefined || untilPs > this.maxTimePs) throw this.tooLong();
    this.queue.advanceTo(untilPs);
    return this.result("until");
  }

  private tooLong(): LimitError {
    const remedy =
      this.maxTimePs === MAX_TIME_PS
        ? "2^53 ps is the most that picoseconds can count exactly; shorten the run"
        : "the option maxTimePs raises it";
    const waiting = waitingActors(this).map(describeWaiting).slice(0, 8);
    const left = waiting.length === 0 ? "" : `; still waiting: ${waiting.join("; ")}`;
    const problem = `maxTimePs: a run lasts at most ${formatPs(this.maxTimePs)}; ${remedy}${left}`;
    return new LimitError("maxTimePs", this.maxTimePs, problem);
  }

  private result(ended: RunResult["ended"]): RunResult {
    return { ended, isPartial: this.nrForeground > 0, ...this.progress() };
  }
}
