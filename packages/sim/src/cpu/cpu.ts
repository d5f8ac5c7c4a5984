// One CPU: it runs one actor's work at a time, in slices when others wait, and interrupts take time
// from whatever runs. Urgent work, as of interrupt threads, goes first and preempts other work.
// Who claims the CPU keeps it from one piece of work to the next, until it leaves or its slice is
// over. Left out: priorities beyond that, migration between CPUs, and code that keeps interrupts
// off.
import { checkArgument } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import type { Sim } from "../actor/sim.ts";
import type { Timer } from "../actor/timer.ts";
import { checkPs, PS_PER_MS } from "../time/sim-time.ts";
import { WAIT_CPU } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

/** The slice of a CPU that says nothing else. Linux's default, EEVDF's base_slice_ns, is 2.8 ms. */
export const DEFAULT_SLICE_PS: number = 2.8 * PS_PER_MS;

/** Nothing but to have the CPU; some work; to be busy until an instant. */
type TurnKind = "claim" | "run" | "spin";

/** What an actor wants of the CPU. */
interface Turn {
  readonly kind: TurnKind;
  /** What it takes alone. */
  readonly workPs: number;
  readonly untilPs: number;
  readonly isUrgent: boolean;
  /** Whether the actor has the CPU when the turn is over. */
  readonly isKept: boolean;
  leftPs: number;
}

/** A CPU. Running is work; what it takes longer than alone is a wait. */
export class Cpu implements Waitable {
  readonly name: string;
  readonly kind: number = WAIT_CPU;
  readonly isWork = true;
  readonly stats: WaitStats = new WaitStats();
  /** Time in which actors' work was done, up to the last change. */
  workedPs = 0;
  /** Time that interrupts took. */
  interruptPs = 0;
  /** The part of it that was taken from work. */
  stolenPs = 0;
  /** Time that its own shootdowns held it, waiting for other CPUs. */
  spinPs = 0;
  nrInterrupts = 0;
  private readonly sim: Sim;
  private readonly slicePs: number;
  private readonly timer: Timer;
  private readonly urgent = new WaitQueue();
  private readonly normal = new WaitQueue();
  private running: Actor | null = null;
  /** Of whoever runs; null for one that has the CPU and has not said what to do. */
  private turn: Turn | null = null;
  private isRunningUrgent = false;
  private isKept = false;
  /** Whoever runs has left; the next one gets the CPU when this instant is over. */
  private isLeft = false;
  private sliceLeftPs = 0;
  /** From when on the running work advances; interrupts push it ahead. */
  private advancesFromPs = 0;
  private interruptedUntilPs = 0;
  private spinSincePs = 0;
  private nrSpinning = 0;
  /** Of those that wait. */
  private readonly turns = new Map<Actor, Turn>();

  constructor(sim: Sim, name: string, slicePs: number = DEFAULT_SLICE_PS) {
    checkPs(slicePs, "slicePs");
    checkArgument(slicePs > 0, "slicePs", "a slice takes time");
    this.sim = sim;
    this.name = name;
    this.slicePs = slicePs;
    this.timer = sim.timer(() => this.endSlice());
  }

  /** Does work on this CPU: `yield cpu.run(self, 3 * PS_PER_US)`. */
  run(self: Actor, workPs: number, isUrgent = false): Pause {
    checkPs(workPs, "workPs");
    if (workPs === 0) return self.proceed();
    const isKept = this.has(self);
    return this.begin(self, turnOf("run", workPs, this.sim.nowPs, isUrgent, isKept));
  }

  /**
   * Waits for the CPU, and has it until `leave`: what the actor runs next begins at once. It must
   * leave before it waits for anything else.
   */
  claim(self: Actor, isUrgent = false): Pause {
    const isSliceOver = this.sliceLeftPs <= 0 && this.hasRivals();
    if (this.running === self && !isSliceOver) {
      this.isLeft = false;
      this.plan();
      return self.proceed();
    }
    if (this.running === self) this.running = null;
    if (this.running !== null || this.nrQueued > 0) {
      return this.begin(self, turnOf("claim", 0, this.sim.nowPs, isUrgent, true));
    }
    this.give(self, null, isUrgent, true);
    return self.proceed();
  }

  /** Whoever has claimed the CPU is busy until an instant; what it takes longer is a wait. */
  spin(self: Actor, untilPs: number): Pause {
    const workPs = untilPs - this.sim.nowPs;
    if (workPs <= 0) return self.proceed();
    const isKept = this.has(self);
    return this.begin(self, turnOf("spin", workPs, this.sim.nowPs, this.isRunningUrgent, isKept));
  }

  /** Whoever has claimed the CPU gives it back; in this instant it may claim it again. */
  leave(self: Actor): void {
    if (this.running !== self) return;
    if (this.nrQueued === 0) this.running = null;
    this.isLeft = this.running !== null;
    this.plan();
  }

  /**
   * An interrupt, which is served after those before it.
   * @returns when its handler is done.
   */
  interrupt(handlerPs: number): number {
    checkPs(handlerPs, "handlerPs");
    this.settle();
    this.nrInterrupts++;
    this.interruptPs += handlerPs;
    if (this.turn !== null && this.nrSpinning === 0) this.stolenPs += handlerPs;
    this.interruptedUntilPs = Math.max(this.sim.nowPs, this.interruptedUntilPs) + handlerPs;
    this.plan();
    return this.interruptedUntilPs;
  }

  /** The CPU waits busily, as for answers to a shootdown: its work stands still. Calls may nest. */
  beginSpin(): void {
    this.settle();
    if (this.nrSpinning++ === 0) this.spinSincePs = this.sim.nowPs;
    this.plan();
  }

  /** Ends what `beginSpin` began. */
  endSpin(): void {
    this.settle();
    if (--this.nrSpinning === 0) this.spinPs += this.sim.nowPs - this.spinSincePs;
    this.plan();
  }

  /** Whether no work is here. */
  get isIdle(): boolean {
    return this.running === null;
  }

  /** Actors that wait for the CPU. */
  get nrQueued(): number {
    return this.urgent.length + this.normal.length;
  }

  label(): string {
    return this.name;
  }

  holders(waiter: Actor): readonly Actor[] {
    return this.running === null || this.running === waiter ? [] : [this.running];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    this.settle();
    const turn = this.turns.get(waiter);
    this.turns.delete(waiter);
    if (this.running === waiter) {
      this.running = null;
      this.turn = null;
    } else if (!isGranted && turn !== undefined) {
      this.queueOf(turn.isUrgent).remove(waiter);
    }
    this.dispatch();
  }

  private interruptLeftPs(): number {
    return Math.max(0, this.interruptedUntilPs - this.sim.nowPs);
  }

  private queueOf(isUrgent: boolean): WaitQueue {
    return isUrgent ? this.urgent : this.normal;
  }

  /** Whether an actor has claimed the CPU and not left it. */
  private has(actor: Actor): boolean {
    return this.running === actor && !this.isLeft;
  }

  private hasRivals(): boolean {
    return this.isRunningUrgent ? this.urgent.length > 0 : this.nrQueued > 0;
  }

  /** A turn begins: at once where the actor has the CPU, else behind those before it. */
  private begin(self: Actor, turn: Turn): Pause {
    const pause = self.park(this);
    const isIdle = this.running === null || this.running === self;
    if (isIdle && turn.kind !== "claim") this.stolenPs += this.interruptLeftPs();
    if (this.running === self) {
      this.settle();
      this.turn = turn;
      this.isKept = turn.isKept;
      this.isLeft = false;
    } else {
      this.turns.set(self, turn);
      this.queueOf(turn.isUrgent).push(self);
    }
    if (this.urgent.length > 0 && !this.isRunningUrgent) this.preempt();
    this.dispatch();
    return pause;
  }

  /** Gives the free CPU to an actor. */
  private give(actor: Actor, turn: Turn | null, isUrgent: boolean, isKept: boolean): void {
    this.running = actor;
    this.turn = turn;
    this.isRunningUrgent = isUrgent;
    this.isKept = isKept;
    this.isLeft = false;
    this.sliceLeftPs = this.slicePs;
    this.advancesFromPs = Math.max(this.sim.nowPs, this.interruptedUntilPs);
  }

  /** Gives a free CPU to the next, and sets the timer. */
  private dispatch(): void {
    if (this.running === null) {
      const isUrgent = this.urgent.length > 0;
      const next = this.queueOf(isUrgent).shift();
      const turn = next === null ? undefined : this.turns.get(next);
      if (next !== null && turn !== undefined) {
        this.turns.delete(next);
        this.give(next, turn.kind === "claim" ? null : turn, isUrgent, turn.isKept);
        const { nowPs } = this.sim;
        if (turn.kind === "claim") next.finishWork(nowPs, nowPs - next.parkedAtPs);
      }
    }
    this.settle();
    this.plan();
  }

  /** Credits the running work with what it has advanced. */
  private settle(): void {
    const { nowPs } = this.sim;
    const { turn } = this;
    if (this.running === null) return;
    if (turn !== null) {
      const donePs = this.nrSpinning > 0 ? 0 : Math.max(0, nowPs - this.advancesFromPs);
      turn.leftPs = turn.kind === "spin" ? turn.untilPs - nowPs : turn.leftPs - donePs;
      this.sliceLeftPs -= donePs;
      this.workedPs += donePs;
    }
    this.advancesFromPs = Math.max(nowPs, this.interruptedUntilPs);
  }

  /** Sets the timer to the end of the work, or of the slice when others wait. */
  private plan(): void {
    const { running, turn, nrSpinning } = this;
    const { nowPs } = this.sim;
    if (running !== null && this.isLeft) {
      this.timer.setAt(nowPs);
      return;
    }
    if (running === null || turn === null || nrSpinning > 0) {
      this.timer.cancel();
      return;
    }
    this.advancesFromPs = Math.max(nowPs, this.interruptedUntilPs);
    const leftPs =
      turn.kind === "spin" ? Math.max(0, turn.untilPs - this.advancesFromPs) : turn.leftPs;
    const slicePs = this.hasRivals() ? Math.max(0, this.sliceLeftPs) : leftPs;
    this.timer.setAt(this.advancesFromPs + Math.min(leftPs, slicePs));
  }

  private endSlice(): void {
    this.settle();
    const { running: actor, turn } = this;
    if (actor === null || (turn === null && !this.isLeft)) return;
    if (turn !== null && turn.leftPs <= 0) {
      this.turn = null;
      if (!this.isKept || (this.sliceLeftPs <= 0 && this.hasRivals())) this.running = null;
      const { nowPs } = this.sim;
      actor.finishWork(nowPs, nowPs - actor.parkedAtPs - turn.workPs);
    } else {
      this.running = null;
      this.turn = null;
      if (turn !== null) this.putBack(actor, turn, false);
    }
    this.dispatch();
  }

  /** Others go first. */
  private putBack(actor: Actor, turn: Turn, isNext: boolean): void {
    this.turns.set(actor, turn);
    const queue = this.queueOf(this.isRunningUrgent);
    if (isNext) queue.unshift(actor);
    else queue.push(actor);
  }

  private preempt(): void {
    this.settle();
    const { running: actor, turn } = this;
    // One that has not said what to do says so in this instant.
    if (actor === null || turn === null) return;
    this.running = null;
    this.turn = null;
    this.putBack(actor, turn, true);
  }
}

function turnOf(
  kind: TurnKind,
  workPs: number,
  nowPs: number,
  isUrgent: boolean,
  isKept: boolean,
): Turn {
  return { kind, workPs, untilPs: nowPs + workPs, isUrgent, isKept, leftPs: workPs };
}
