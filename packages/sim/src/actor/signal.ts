// Something that happens, and those who wait for it.
import { WAIT_FENCE } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";
import type { Actor } from "./actor.ts";
import type { Pause } from "./pause.ts";

/** How a signal behaves. */
export interface SignalOptions {
  /** A one-shot stays fired, as a fence does: whoever comes later does not wait. */
  readonly isOneShot?: boolean;
  /** WAIT_*, or IDLE for what only wakes workers; WAIT_FENCE unless given. */
  readonly kind?: number;
}

/** A broadcast: firing it wakes everyone who waits, in the order in which they came. */
export class Signal implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  /** Whether a one-shot has been fired. */
  isFired = false;
  /** Who is expected to fire it, for reports. */
  owner: Actor | null = null;
  private readonly isOneShot: boolean;
  private readonly queue = new WaitQueue();

  constructor(name: string, { isOneShot = false, kind = WAIT_FENCE }: SignalOptions = {}) {
    this.name = name;
    this.kind = kind;
    this.isOneShot = isOneShot;
  }

  /** How many wait. */
  get nrWaiting(): number {
    return this.queue.length;
  }

  /** Waits for the next time, or not at all for a one-shot that was fired. */
  wait(self: Actor): Pause {
    if (this.isFired) return self.proceed();
    const pause = self.park(this);
    this.queue.push(self);
    return pause;
  }

  /**
   * Wakes everyone who waits.
   * @param code what their `yield` gives.
   * @returns how many there were.
   */
  fire(code = 0): number {
    if (this.isOneShot) this.isFired = true;
    const nrWoken = this.queue.length;
    while (this.fireOne(code));
    return nrWoken;
  }

  /** Wakes the one who has waited longest; false when nobody waits. */
  fireOne(code = 0): boolean {
    const actor = this.queue.shift();
    actor?.wake(code);
    return actor !== null;
  }

  label(): string {
    return this.name;
  }

  holders(): readonly Actor[] {
    return this.owner === null ? [] : [this.owner];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (!isGranted) this.queue.remove(waiter);
  }
}
