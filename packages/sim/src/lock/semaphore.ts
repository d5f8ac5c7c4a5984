// A number of equal places: the workers of a pool, the slots of a copy engine.
import { ArgumentError, checkWholeNumber } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_QUEUE } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

/** A counting semaphore, first come, first served. */
export class Semaphore implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  readonly nrPlaces: number;
  private readonly inside: Actor[] = [];
  private readonly queue = new WaitQueue();

  /** `kind` is a WAIT_*, WAIT_QUEUE unless given. */
  constructor(name: string, nrPlaces: number, kind: number = WAIT_QUEUE) {
    checkWholeNumber(nrPlaces, "nrPlaces", 1, 2 ** 20);
    this.name = name;
    this.nrPlaces = nrPlaces;
    this.kind = kind;
  }

  /** Places that are taken. */
  get nrTaken(): number {
    return this.inside.length;
  }

  /** Takes a place: `yield pool.acquire(self)`. */
  acquire(self: Actor): Pause {
    if (this.tryAcquire(self)) return self.proceed();
    const pause = self.park(this);
    this.queue.push(self);
    return pause;
  }

  /** Takes a place if there is one. */
  tryAcquire(self: Actor): boolean {
    if (this.inside.length === this.nrPlaces) return false;
    this.inside.push(self);
    return true;
  }

  /** Gives a place to the next who waits. */
  release(self: Actor): void {
    const at = this.inside.lastIndexOf(self);
    if (at < 0) throw new ArgumentError("self", `${self.name} has no place in ${this.name}`);
    const last = this.inside.pop() as Actor;
    if (at < this.inside.length) this.inside[at] = last;
    const next = this.queue.shift();
    if (next === null) return;
    this.inside.push(next);
    next.wake();
  }

  label(): string {
    return `a place in ${this.name}`;
  }

  holders(): readonly Actor[] {
    return [...new Set(this.inside)];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) this.release(waiter);
    else this.queue.remove(waiter);
  }
}
