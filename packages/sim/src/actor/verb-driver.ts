// Runs the engine's verbs in simulated time. A verb says what it waits for; the host says which of
// those waits time alone ends, and how long they take. For the others the actor is parked until
// somebody signals the object, and the verb then looks again, as the engine promises.
import { DriverRwLock, MmStruct } from "@faultline/core";
import type { Verb } from "@faultline/engine";
import {
  IDLE,
  WAIT_CPU,
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
import { type ActorBody, type Pause, WAIT_OK } from "./pause.ts";

/** A wait of the engine: `{ reason, object }`. */
export type VerbWait = Verb extends Generator<infer W, unknown, unknown> ? W : never;

/** Whoever knows of CPUs that actors share. */
export interface CpuHost {
  /** Waits for the CPU of an actor, which has it then; null where it has one of its own. */
  readonly claim: (actor: Actor) => Pause | null;
  /** Lets the time of the last step pass, on the CPU and off it. */
  readonly pass: (actor: Actor, pausePs: number) => ActorBody<void>;
  /** The actor gives its CPU back. */
  readonly leave: (actor: Actor) => void;
}

/** Whoever prices waits. */
export interface VerbHost {
  /** What the last step of a verb takes, in ps, and a wait that time alone ends with it. */
  readonly waitPs: (wait: VerbWait, actor: Actor) => number;
  /**
   * Whether somebody has to signal the object, or change its state: all waits but `copy`, `device`,
   * `refault`, `spin`, and `notifier` when the object is the range that is being invalidated.
   */
  readonly isSignalled: (wait: VerbWait) => boolean;
  /** Called before each step of a verb, and once more when the time of its end is over. */
  readonly resume?: (actor: Actor) => void;
  /** Begins the next transfer of the last step, after its time; null when there is none left. */
  readonly transfer?: (actor: Actor) => Pause | null;
  /** What the last step of a verb still takes, in ps. */
  readonly finish?: (actor: Actor) => number;
  /** CPUs that actors share. @defaultValue everybody has one of his own */
  readonly cpuHost?: CpuHost | null;
  /** A number that differs when it is worth looking again at a numbered object, as a frame. */
  readonly stateOf?: (wait: VerbWait) => number;
}

const KINDS: Readonly<Record<VerbWait["reason"], number>> = {
  "folio-lock": WAIT_LOCK,
  "migration-entry": WAIT_MIGRATION,
  notifier: WAIT_FENCE,
  "mmap-lock": WAIT_LOCK,
  "vma-lock": WAIT_LOCK,
  "driver-lock": WAIT_LOCK,
  allocation: WAIT_THROTTLE,
  copy: WAIT_LINK,
  device: WAIT_FENCE,
  userfault: WAIT_QUEUE,
  refault: WAIT_THROTTLE,
  spin: WAIT_CPU,
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
  private readonly parked = new Set<ParkedOn>();
  private readonly owners = new Map<unknown, Actor>();

  constructor(host: VerbHost) {
    this.host = host;
    const reasons = Object.keys(KINDS) as VerbWait["reason"][];
    this.stats = new Map(reasons.map((reason) => [reason, new WaitStats()]));
  }

  /** Runs a verb to its end: `const rc = yield* driver.drive(self, sysFork(world, task))`. */
  *drive<T>(self: Actor, verb: Verb<T>): ActorBody<T> {
    const cpus = this.host.cpuHost ?? null;
    try {
      for (;;) {
        this.host.resume?.(self);
        const turn = cpus === null ? null : cpus.claim(self);
        if (turn !== null) {
          yield turn;
          this.host.resume?.(self);
        }
        const step = verb.next();
        if (this.parked.size > 0) this.recheck();
        if (step.done === true) {
          const restPs = this.host.finish?.(self) ?? 0;
          if (cpus !== null) yield* cpus.pass(self, restPs);
          else if (restPs > 0 && !self.sim.passAlone(restPs)) yield restPs;
          for (let sent = this.transfer(self); sent !== null; sent = this.transfer(self))
            yield sent;
          return step.value;
        }
        const wait = step.value;
        const isSignalled = this.host.isSignalled(wait);
        const state = isSignalled ? this.stateOf(wait) : 0;
        const pausePs = this.host.waitPs(wait, self);
        let hasPassed = pausePs > 0;
        if (cpus !== null) yield* cpus.pass(self, pausePs);
        const isDue = cpus === null ? hasPassed || !isSignalled : pausePs === 0 && !isSignalled;
        if (isDue && !self.sim.passAlone(pausePs)) yield pausePs;
        for (let sent = this.transfer(self); sent !== null; sent = this.transfer(self)) {
          hasPassed = true;
          yield sent;
        }
        // What somebody has to end may have ended in the time of the last step.
        if (!isSignalled || this.stateOf(wait) !== state) continue;
        if (hasPassed) this.host.resume?.(self);
        yield this.park(self, wait);
      }
    } finally {
      // Does nothing after the end; ends a verb whose actor was interrupted or cancelled.
      verb.return(undefined as never);
      this.host.resume?.(self);
      cpus?.leave(self);
      if (this.parked.size > 0) this.recheck();
    }
  }

  /**
   * Wakes everyone who waits for an object, for whatever reason; each looks again.
   * @returns how many there were.
   */
  signal(object: unknown): number {
    let nrWoken = 0;
    for (const on of this.parked) if (on.object === object) nrWoken += this.wakeAll(on);
    return nrWoken;
  }

  private transfer(self: Actor): Pause | null {
    return this.host.transfer?.(self) ?? null;
  }

  private wakeAll(on: ParkedOn): number {
    this.parked.delete(on);
    const nrWoken = on.queue.length;
    for (let actor = on.queue.shift(); actor !== null; actor = on.queue.shift())
      actor.wake(WAIT_OK);
    return nrWoken;
  }

  /**
   * Whether somebody waits to write under an mmap_lock that others read under: whoever comes now
   * and holds nothing yet waits behind, as in the kernel's queue.
   */
  hasWaitingWriter(mm: MmStruct): boolean {
    for (const on of this.parked) if (on.object === mm && on.nrWriters > 0) return true;
    return false;
  }

  /** Notes who holds an object, or that nobody does, for reports. */
  setOwner(object: unknown, owner: Actor | null): void {
    if (owner === null) this.owners.delete(object);
    else this.owners.set(object, owner);
  }

  /** How many wait for an object. */
  nrWaiting(object: unknown): number {
    let nrWaiting = 0;
    for (const on of this.parked) if (on.object === object) nrWaiting += on.queue.length;
    return nrWaiting;
  }

  /**
   * Wakes those who wait for an mmap_lock that has changed hands, an invalidation that has ended or
   * a frame that has changed. Happens after every step of a verb; a host that changes any of them
   * outside of verbs calls it.
   */
  recheck(): void {
    for (const on of this.parked) {
      if (on.queue.length === 0) this.parked.delete(on);
      else if (this.stateOf(on.wait) !== on.state) this.wakeAll(on);
    }
  }

  private park(self: Actor, wait: VerbWait): number {
    let on = this.parkedOn(wait);
    if (on === null) {
      const stats = this.stats.get(wait.reason) ?? new WaitStats();
      const ownerOf = (object: unknown): Actor | null => this.owners.get(object) ?? null;
      on = new ParkedOn(wait, this.stateOf(wait), stats, ownerOf);
      this.parked.add(on);
    }
    const pause = self.park(on);
    on.queue.push(self);
    // Readers wait for a writer only, so who waits while there is none wants to write.
    const { object } = wait;
    const isWriter = wait.reason === "mmap-lock" && object instanceof MmStruct;
    if (isWriter && !object.mmapLock.writer && object.mmapLock.readers > 0) on.nrWriters++;
    return pause;
  }

  private parkedOn({ reason, object }: VerbWait): ParkedOn | null {
    for (const on of this.parked) {
      if (on.object === object && on.wait.reason === reason) return on;
    }
    return null;
  }

  private stateOf(wait: VerbWait): number {
    const { reason, object } = wait;
    if (object instanceof DriverRwLock) return object.state;
    if (!(object instanceof MmStruct)) return this.host.stateOf?.(wait) ?? 0;
    if (reason === "notifier") return object.notifierSubscriptions?.invalidateSeq ?? 0;
    const { readers, writer } = object.mmapLock;
    return 2 * readers + (writer ? 1 : 0);
  }
}

/** The actors that wait for one object. */
class ParkedOn implements Waitable {
  readonly name: string;
  readonly kind: number;
  readonly isWork = false;
  readonly stats: WaitStats;
  readonly wait: VerbWait;
  readonly object: unknown;
  /** Of the object when the first of them parked: when it differs, it is worth looking again. */
  readonly state: number;
  readonly queue: WaitQueue = new WaitQueue();
  /** Those of them that want to write under an mmap_lock. */
  nrWriters = 0;
  private readonly ownerOf: (object: unknown) => Actor | null;

  constructor(
    wait: VerbWait,
    state: number,
    stats: WaitStats,
    ownerOf: (object: unknown) => Actor | null,
  ) {
    this.wait = wait;
    this.object = wait.object;
    this.name = describe(wait);
    this.kind = KINDS[wait.reason] ?? IDLE;
    this.stats = stats;
    this.state = state;
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
