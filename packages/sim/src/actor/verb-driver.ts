// Runs the engine's verbs in simulated time. A verb says what it waits for; the host says which of
// those waits time alone ends, and how long they take. For the others the actor is parked until
// somebody signals the object, and the verb then looks again, as the engine promises.
import { MmStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import {
  IDLE,
  WAIT_FENCE,
  WAIT_LINK,
  WAIT_LOCK,
  WAIT_MIGRATION,
  WAIT_QUEUE,
  WAIT_THROTTLE,
} from "../wait/wait-kinds.ts";
import { WaitQueue } from "../wait/wait-queue.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";
import type { Actor } from "./actor.ts";
import { type ActorBody, PARKED, WAIT_OK } from "./pause.ts";

/** A wait of the engine: `{ reason, object }`. */
export type VerbWait = Verb extends Generator<infer W, unknown, unknown> ? W : never;

/** Whoever prices waits. */
export interface VerbHost {
  /**
   * How long a wait takes that time alone ends (`copy`, `device`, and `notifier` when the object is
   * the range that is being invalidated), in ps; PARKED when the object has to be signalled.
   */
  readonly waitPs: (wait: VerbWait, actor: Actor) => number;
}

const KINDS: Readonly<Record<VerbWait["reason"], number>> = {
  "folio-lock": WAIT_LOCK,
  "migration-entry": WAIT_MIGRATION,
  notifier: WAIT_FENCE,
  "mmap-lock": WAIT_LOCK,
  "vma-lock": WAIT_LOCK,
  allocation: WAIT_THROTTLE,
  copy: WAIT_LINK,
  device: WAIT_FENCE,
  userfault: WAIT_QUEUE,
};

/** The kind, WAIT_*, of a reason of the engine. */
export function waitKindOf(reason: VerbWait["reason"]): number {
  return KINDS[reason];
}

/** Drives verbs, and knows which actors wait for which object. */
export class VerbDriver {
  /** By reason: what was waited until a signal came. */
  readonly stats: ReadonlyMap<VerbWait["reason"], WaitStats>;
  private readonly host: VerbHost;
  private readonly parked = new Map<unknown, ParkedOn>();
  private readonly owners = new Map<unknown, Actor>();

  constructor(host: VerbHost) {
    this.host = host;
    const reasons = Object.keys(KINDS) as VerbWait["reason"][];
    this.stats = new Map(reasons.map((reason) => [reason, new WaitStats()]));
  }

  /** Runs a verb to its end: `const rc = yield* driver.drive(self, sysFork(world, task))`. */
  *drive<T>(self: Actor, verb: Verb<T>): ActorBody<T> {
    try {
      for (;;) {
        const step = verb.next();
        this.recheck();
        if (step.done === true) return step.value;
        const pausePs = this.host.waitPs(step.value, self);
        if (pausePs === PARKED) yield this.park(self, step.value);
        else yield pausePs;
      }
    } finally {
      // Does nothing after the end; ends a verb whose actor was interrupted or cancelled.
      verb.return(undefined as never);
      this.recheck();
    }
  }

  /**
   * Wakes everyone who waits for an object; each looks again.
   * @returns how many there were.
   */
  signal(object: unknown): number {
    const on = this.parked.get(object);
    if (on === undefined) return 0;
    this.parked.delete(object);
    const nrWoken = on.queue.length;
    for (let actor = on.queue.shift(); actor !== null; actor = on.queue.shift())
      actor.wake(WAIT_OK);
    return nrWoken;
  }

  /** Notes who holds an object, or that nobody does, for reports. */
  setOwner(object: unknown, owner: Actor | null): void {
    if (owner === null) this.owners.delete(object);
    else this.owners.set(object, owner);
  }

  /** How many wait for an object. */
  nrWaiting(object: unknown): number {
    return this.parked.get(object)?.queue.length ?? 0;
  }

  /**
   * Wakes those who wait for an mmap_lock that has changed hands. Happens after every step of a
   * verb; a host that changes locks outside of verbs calls it.
   */
  recheck(): void {
    for (const on of this.parked.values()) {
      if (on.queue.length === 0) this.parked.delete(on.object);
      else if (lockState(on.object) !== on.lockState) this.signal(on.object);
    }
  }

  private park(self: Actor, wait: VerbWait): number {
    let on = this.parked.get(wait.object);
    if (on === undefined) {
      const stats = this.stats.get(wait.reason) ?? new WaitStats();
      on = new ParkedOn(wait, stats, (object) => this.owners.get(object) ?? null);
      this.parked.set(wait.object, on);
    }
    const pause = self.park(on);
    on.queue.push(self);
    return pause;
  }
}

/** The actors that wait for one object. */
class ParkedOn implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats;
  readonly object: unknown;
  /** Of an mmap_lock when the first of them parked: when it differs, it is worth looking again. */
  readonly lockState: number;
  readonly queue: WaitQueue = new WaitQueue();
  private readonly ownerOf: (object: unknown) => Actor | null;

  constructor(wait: VerbWait, stats: WaitStats, ownerOf: (object: unknown) => Actor | null) {
    this.object = wait.object;
    this.name = describe(wait);
    this.kind = KINDS[wait.reason] ?? IDLE;
    this.stats = stats;
    this.lockState = lockState(wait.object);
    this.ownerOf = ownerOf;
  }

  label(): string {
    return this.name;
  }

  holders(): readonly Actor[] {
    const owner = this.ownerOf(this.object);
    return owner === null ? [] : [owner];
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (!isGranted) this.queue.remove(waiter);
  }
}

function describe({ reason, object }: VerbWait): string {
  if (object instanceof MmStruct) return `${reason} of mm ${object.mmId}`;
  return typeof object === "number" ? `${reason} of ${object}` : reason;
}

function lockState(object: unknown): number {
  if (!(object instanceof MmStruct)) return 0;
  const { readers, writer } = object.mmapLock;
  return 2 * readers + (writer ? 1 : 0);
}
