// One CPU: it runs one actor's work at a time, in slices when others wait, and interrupts take time
// from whatever runs. Urgent work, as of interrupt threads, goes first and preempts other work.
// Left out: priorities beyond that, migration between CPUs, and code that keeps interrupts off.
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
  private isRunningUrgent = false;
  private sliceLeftPs = 0;
  /** From when on the running work advances; interrupts push it ahead. */
  private advancesFromPs = 0;
  private interruptedUntilPs = 0;
  private spinSincePs = 0;
  private nrSpinning = 0;
  /** What each actor in here asked for, and when. */
  private readonly asked = new Map<
    Actor,
    { readonly workPs: number; readonly isUrgent: boolean }
  >();

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
    const pause = self.park(this);
    self.waitArg = workPs;
    this.asked.set(self, { workPs, isUrgent });
    if (this.running === null) this.stolenPs += this.interruptLeftPs();
    this.queueOf(isUrgent).push(self);
    if (isUrgent && this.running !== null && !this.isRunningUrgent) this.preempt();
    this.dispatch();
    return pause;
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
    if (this.running !== null && this.nrSpinning === 0) this.stolenPs += handlerPs;
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
    if (isGranted) return;
    this.settle();
    const isUrgent = this.asked.get(waiter)?.isUrgent ?? false;
    this.asked.delete(waiter);
    if (this.running === waiter) this.running = null;
    else this.queueOf(isUrgent).remove(waiter);
    this.dispatch();
  }

  private interruptLeftPs(): number {
    return Math.max(0, this.interruptedUntilPs - this.sim.nowPs);
  }

  private queueOf(isUrgent: boolean): WaitQueue {
    return isUrgent ? this.urgent : this.normal;
  }

  /** Gives a free CPU to the next, and sets the timer. */
  private dispatch(): void {
    if (this.running === null) {
      this.isRunningUrgent = this.urgent.length > 0;
      this.running = this.queueOf(this.isRunningUrgent).shift();
      this.sliceLeftPs = this.slicePs;
      this.advancesFromPs = Math.max(this.sim.nowPs, this.interruptedUntilPs);
    }
    this.settle();
    this.plan();
  }

  /** Credits the running work with what it has advanced. */
  private settle(): void {
    const { nowPs } = this.sim;
    if (this.running === null) return;
    const donePs = this.nrSpinning > 0 ? 0 : Math.max(0, nowPs - this.advancesFromPs);
    this.running.waitArg -= donePs;
    this.sliceLeftPs -= donePs;
    this.workedPs += donePs;
    this.advancesFromPs = Math.max(nowPs, this.interruptedUntilPs);
  }

  /** Sets the timer to the end of the work, or of the slice when others wait. */
  private plan(): void {
    const { running, nrSpinning } = this;
    if (running === null || nrSpinning > 0) {
      this.timer.cancel();
      return;
    }
    this.advancesFromPs = Math.max(this.sim.nowPs, this.interruptedUntilPs);
    const hasRivals = this.isRunningUrgent ? this.urgent.length > 0 : this.nrQueued > 0;
    const leftPs = running.waitArg;
    const slicePs = hasRivals ? Math.max(0, this.sliceLeftPs) : leftPs;
    this.timer.setAt(this.advancesFromPs + Math.min(leftPs, slicePs));
  }

  private endSlice(): void {
    this.settle();
    const actor = this.running;
    if (actor === null) return;
    this.running = null;
    if (actor.waitArg > 0) {
      this.queueOf(this.isRunningUrgent).push(actor);
    } else {
      const workPs = this.asked.get(actor)?.workPs ?? 0;
      this.asked.delete(actor);
      const { nowPs } = this.sim;
      actor.finishWork(nowPs, nowPs - actor.parkedAtPs - workPs);
    }
    this.dispatch();
  }

  private preempt(): void {
    this.settle();
    const actor = this.running;
    if (actor === null) return;
    this.running = null;
    this.normal.unshift(actor);
  }
}
