// What an actor can wait for.
import type { Actor } from "../actor/actor.ts";
import type { WaitStats } from "./wait-stats.ts";

/** A lock, a signal, a queue, a link, …: something in which an actor parks until it is woken. */
export interface Waitable {
  /** For reports: `mmap_lock of app`. */
  readonly name: string;
  /** WAIT_*, or IDLE. */
  readonly kind: number;
  /** Whether it is work, of which only what it takes longer than it would alone is a wait. */
  readonly isWork: boolean;
  readonly stats: WaitStats;
  /** What this actor waits for, in words. */
  label(waiter: Actor): string;
  /** The actors that can end this actor's wait, where that is known; in no special order. */
  holders(waiter: Actor): readonly Actor[];
  /**
   * The actor gives up: it was interrupted, cancelled or timed out.
   * @param isGranted whether it had got what it waited for but has not run since: take it back.
   */
  abandon(waiter: Actor, isGranted: boolean): void;
}

/** A wait that has ended, for whoever listens. */
export interface FinishedWait {
  readonly waiter: Actor;
  readonly waitable: Waitable;
  readonly kind: number;
  /** Who held it when the wait began; null when that is nobody's or unknown. */
  readonly holder: Actor | null;
  readonly endPs: number;
  readonly waitedPs: number;
}
