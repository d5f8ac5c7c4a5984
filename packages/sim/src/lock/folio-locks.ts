// The lock of each folio, by page frame number, or of each of any other kind of numbered object.
// Only what is locked takes memory.
import { ArgumentError, checkArgument } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_LOCK } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

interface HeldLock {
  owner: Actor | null;
  readonly queue: WaitQueue;
}

/** Locks by number, each first come, first served. */
export class FolioLocks implements Waitable {
  readonly name: string;
  readonly kind: number = WAIT_LOCK;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  private readonly held = new Map<number, HeldLock>();
  private readonly spare: HeldLock[] = [];

  /** `name` is what reports put before the number: `folio 4711`. */
  constructor(name = "folio") {
    this.name = name;
  }

  /** Locks that are held. */
  get nrHeld(): number {
    return this.held.size;
  }

  /** Takes one: `yield folios.lock(self, pfn)`. */
  lock(self: Actor, pfn: number): Pause {
    if (this.tryLock(self, pfn)) return self.proceed();
    const lock = this.held.get(pfn) as HeldLock;
    checkArgument(lock.owner !== self, "self", `${self.name} already holds ${this.name} ${pfn}`);
    // Set first, because whoever listens asks at once what is waited for.
    self.waitArg = pfn;
    const pause = self.park(this);
    lock.queue.push(self);
    return pause;
  }

  /** Takes one if nobody has it. */
  tryLock(self: Actor, pfn: number): boolean {
    if (this.held.has(pfn)) return false;
    const lock = this.spare.pop() ?? { owner: null, queue: new WaitQueue() };
    lock.owner = self;
    this.held.set(pfn, lock);
    return true;
  }

  /** Gives one to the next who waits for it. */
  unlock(self: Actor, pfn: number): void {
    const lock = this.held.get(pfn);
    if (lock?.owner !== self) {
      throw new ArgumentError("self", `${self.name} does not hold ${this.name} ${pfn}`);
    }
    lock.owner = lock.queue.shift();
    lock.owner?.wake();
    if (lock.owner !== null) return;
    this.held.delete(pfn);
    this.spare.push(lock);
  }

  /** Who holds one. */
  owner(pfn: number): Actor | null {
    return this.held.get(pfn)?.owner ?? null;
  }

  label(waiter: Actor): string {
    return `${this.name} ${waiter.waitArg}`;
  }

  holders(waiter: Actor): readonly Actor[] {
    const owner = this.owner(waiter.waitArg);
    return owner === null ? [] : [owner];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) this.unlock(waiter, waiter.waitArg);
    else this.held.get(waiter.waitArg)?.queue.remove(waiter);
  }
}
