// A lock for one, given to the one who has waited longest. Neither spinning nor stealing is
// modelled: a kernel mutex may go to a running task that has not queued.
import { ArgumentError, checkArgument } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_LOCK } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

/** A mutual exclusion lock, first come, first served. */
export class Mutex implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  /** Who holds it. */
  owner: Actor | null = null;
  private readonly queue = new WaitQueue();

  /** `kind` is a WAIT_*, WAIT_LOCK unless given. */
  constructor(name: string, kind: number = WAIT_LOCK) {
    this.name = name;
    this.kind = kind;
  }

  /** Takes the lock: `yield mutex.lock(self)`. */
  lock(self: Actor): Pause {
    if (this.tryLock(self)) return self.proceed();
    checkArgument(this.owner !== self, "self", `${self.name} already holds ${this.name}`);
    const pause = self.park(this);
    this.queue.push(self);
    return pause;
  }

  /** Takes the lock if nobody has it. */
  tryLock(self: Actor): boolean {
    if (this.owner !== null) return false;
    this.owner = self;
    return true;
  }

  /** Gives the lock to the next who waits. */
  unlock(self: Actor): void {
    if (this.owner !== self)
      throw new ArgumentError("self", `${self.name} does not hold ${this.name}`);
    this.owner = this.queue.shift();
    this.owner?.wake();
  }

  label(): string {
    return this.name;
  }

  holders(): readonly Actor[] {
    return this.owner === null ? [] : [this.owner];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) this.unlock(waiter);
    else this.queue.remove(waiter);
  }
}
