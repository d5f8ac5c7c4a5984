// A queue with an end: a fault buffer, a command ring. Items are numbers, most often rows of a
// table that the owner keeps, so that nothing is allocated. A full queue drops or makes wait, as
// its hardware does; a device that cannot wait offers, and is told whether there was room.
import { checkWholeNumber } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import { type Pause, WAIT_DROPPED } from "../actor/pause.ts";
import { IDLE, WAIT_BUFFER } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

/** What `poll` answers when the queue is empty. */
export const NO_ITEM = -1;

/** How a queue is made. */
export interface BoundedQueueOptions {
  readonly capacity: number;
  /** What `put` does when it is full: give up and count, or wait for room. */
  readonly overflow: "drop" | "block";
  /** What taking from an empty one is: IDLE, unless a fault's time passes in it. */
  readonly takeKind?: number;
}

/** A first-in, first-out queue of numbers from 0 on. */
export class BoundedQueue {
  readonly name: string;
  readonly capacity: number;
  /** Items in the queue. */
  length = 0;
  /** The most there ever were. */
  maxLength = 0;
  /** Items that went in. */
  nrPut = 0;
  /** Items that found it full and were lost. */
  nrDropped = 0;
  /** Who waits for room. */
  readonly room: QueueSide;
  /** Who waits for an item. */
  readonly items: QueueSide;
  private readonly isBlocking: boolean;
  private readonly ring: Float64Array;
  private first = 0;

  constructor(name: string, { capacity, overflow, takeKind = IDLE }: BoundedQueueOptions) {
    checkWholeNumber(capacity, "capacity", 1, 2 ** 24);
    this.name = name;
    this.capacity = capacity;
    this.isBlocking = overflow === "block";
    this.ring = new Float64Array(capacity);
    // An item that was handed to somebody who is gone goes back to where it came from.
    this.room = new QueueSide(`room in ${name}`, WAIT_BUFFER, () => undefined);
    this.items = new QueueSide(`an item of ${name}`, takeKind, (waiter) => {
      this.putBack(waiter.waitArg);
    });
  }

  /** Puts an item in if there is room; a lost one is counted. For devices, which cannot wait. */
  offer(item: number): boolean {
    checkWholeNumber(item, "item", 0, Number.MAX_SAFE_INTEGER);
    if (this.enter(item)) return true;
    this.nrDropped++;
    return false;
  }

  /** Puts an item in; gives WAIT_DROPPED when it was lost, or waits for room. */
  put(self: Actor, item: number): Pause {
    checkWholeNumber(item, "item", 0, Number.MAX_SAFE_INTEGER);
    if (this.enter(item)) return self.proceed();
    if (!this.isBlocking) {
      this.nrDropped++;
      return self.proceed(WAIT_DROPPED);
    }
    self.waitArg = item;
    return this.room.enqueue(self);
  }

  /** Takes the first item: `const item = yield queue.take(self)`. */
  take(self: Actor): Pause {
    const item = this.poll();
    return item === NO_ITEM ? this.items.enqueue(self) : self.proceed(item);
  }

  /** Takes the first item if there is one, else NO_ITEM; for the rest of a batch. */
  poll(): number {
    if (this.length === 0) return NO_ITEM;
    const item = this.ring[this.first] as number;
    this.first = this.first + 1 === this.capacity ? 0 : this.first + 1;
    this.length--;
    const blocked = this.room.queue.shift();
    if (blocked !== null) {
      this.append(blocked.waitArg);
      blocked.wake();
    }
    return item;
  }

  private enter(item: number): boolean {
    const taker = this.items.queue.shift();
    if (taker !== null) {
      this.nrPut++;
      taker.waitArg = item;
      taker.wake(item);
      return true;
    }
    if (this.length === this.capacity) return false;
    this.append(item);
    return true;
  }

  private append(item: number): void {
    const at = this.first + this.length;
    this.ring[at < this.capacity ? at : at - this.capacity] = item;
    this.nrPut++;
    this.length++;
    if (this.length > this.maxLength) this.maxLength = this.length;
  }

  private putBack(item: number): void {
    const taker = this.items.queue.shift();
    if (taker !== null) {
      taker.waitArg = item;
      taker.wake(item);
      return;
    }
    if (this.length === this.capacity) {
      this.nrDropped++;
      return;
    }
    this.first = (this.first === 0 ? this.capacity : this.first) - 1;
    this.ring[this.first] = item;
    this.length++;
  }
}

/** One side of a queue, in which actors wait. */
export class QueueSide implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  /** Who waits. */
  readonly queue: WaitQueue = new WaitQueue();
  private readonly takeBack: (waiter: Actor) => void;

  constructor(name: string, kind: number, takeBack: (waiter: Actor) => void) {
    this.name = name;
    this.kind = kind;
    this.takeBack = takeBack;
  }

  /** Waits on this side. */
  enqueue(self: Actor): Pause {
    const pause = self.park(this);
    this.queue.push(self);
    return pause;
  }

  label(): string {
    return this.name;
  }

  holders(): readonly Actor[] {
    return [];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) this.takeBack(waiter);
    else this.queue.remove(waiter);
  }
}
