// mmap_lock and other reader/writer semaphores, with the fairness of the kernel's queue
// (kernel/locking/rwsem.c): who finds others waiting waits too, so a stream of readers cannot
// starve a writer. When the lock is given on to a reader, every reader in the queue gets it, also
// those behind writers. Left out: spinning and stealing before queueing, and the hand-off after 4
// ms that exists because of them; here the lock is always handed to the first in the queue.
import { ArgumentError, checkArgument } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_LOCK } from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

const READER = 0;
const WRITER = 1;

/** Readers that the kernel wakes at once, at most. */
export const MAX_READERS_WAKEUP = 256;

/** A lock for many readers or one writer. */
export class RwLock implements Waitable {
  readonly name: string;
  readonly kind: number = WAIT_LOCK;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  /** Who holds it for writing. */
  writer: Actor | null = null;
  private readonly readers: Actor[] = [];
  private readonly queue = new WaitQueue();

  constructor(name: string) {
    this.name = name;
  }

  /** Who holds it for reading; an actor that took it twice is there twice. */
  get nrReaders(): number {
    return this.readers.length;
  }

  /** Takes it for reading: `yield lock.read(self)`. */
  read(self: Actor): Pause {
    if (!this.tryRead(self)) return this.enqueue(self, READER);
    return self.proceed();
  }

  /** Takes it for reading if no writer holds it and nobody waits. */
  tryRead(self: Actor): boolean {
    if (this.writer !== null || this.queue.length > 0) return false;
    this.readers.push(self);
    return true;
  }

  /** Takes it for writing: `yield lock.write(self)`. */
  write(self: Actor): Pause {
    if (!this.tryWrite(self)) return this.enqueue(self, WRITER);
    return self.proceed();
  }

  /** Takes it for writing if nobody holds it. */
  tryWrite(self: Actor): boolean {
    if (this.writer !== null || this.readers.length > 0) return false;
    this.writer = self;
    return true;
  }

  /** Ends one of the actor's reads. */
  unlockRead(self: Actor): void {
    const { readers } = this;
    const at = readers.lastIndexOf(self);
    if (at < 0) throw new ArgumentError("self", `${self.name} does not read under ${this.name}`);
    const last = readers.pop() as Actor;
    if (at < readers.length) readers[at] = last;
    if (readers.length === 0) this.handOn();
  }

  /** Ends the write. */
  unlockWrite(self: Actor): void {
    this.checkWriter(self);
    this.writer = null;
    this.handOn();
  }

  /** Turns the write into a read, without letting another writer in between. */
  downgrade(self: Actor): void {
    this.checkWriter(self);
    this.writer = null;
    this.readers.push(self);
    if (this.queue.first?.waitArg === READER) this.handToReaders();
  }

  label(waiter: Actor): string {
    return `${this.name} for ${waiter.waitArg === WRITER ? "writing" : "reading"}`;
  }

  holders(): readonly Actor[] {
    return this.writer === null ? [...new Set(this.readers)] : [this.writer];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) {
      if (waiter.waitArg === WRITER) this.unlockWrite(waiter);
      else this.unlockRead(waiter);
      return;
    }
    const wasFirst = this.queue.first === waiter;
    this.queue.remove(waiter);
    // Readers behind a writer that gives up need not wait for the readers that hold the lock.
    if (wasFirst && this.writer === null && this.queue.first?.waitArg === READER) {
      this.handToReaders();
    }
  }

  private enqueue(self: Actor, mode: number): Pause {
    checkArgument(this.writer !== self, "self", `${self.name} already writes under ${this.name}`);
    const pause = self.park(this);
    self.waitArg = mode;
    this.queue.push(self);
    return pause;
  }

  private handOn(): void {
    const { first } = this.queue;
    if (first === null) return;
    if (first.waitArg === READER) {
      this.handToReaders();
      return;
    }
    this.queue.remove(first);
    this.writer = first;
    first.wake();
  }

  private handToReaders(): void {
    let left = MAX_READERS_WAKEUP;
    for (let actor = this.queue.first; actor !== null && left > 0; ) {
      const next: Actor | null = actor.nextWaiter;
      if (actor.waitArg === READER) {
        this.queue.remove(actor);
        this.readers.push(actor);
        actor.wake();
        left--;
      }
      actor = next;
    }
  }

  private checkWriter(self: Actor): void {
    if (this.writer !== self) {
      throw new ArgumentError("self", `${self.name} does not write under ${this.name}`);
    }
  }
}
