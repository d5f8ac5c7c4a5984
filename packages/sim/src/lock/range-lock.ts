// A lock on a range of pages, or of anything that has numbers: readers may overlap, writers may
// not. Who asks for what an earlier one waits for queues behind it, so nobody is starved. Requests
// are few, so they are lists that are searched.
import { ArgumentError, checkArgument, checkWholeNumber } from "@faultline/core";
import type { Actor } from "../actor/actor.ts";
import type { Pause } from "../actor/pause.ts";
import { WAIT_LOCK } from "../wait/wait-kinds.ts";
import { WaitStats } from "../wait/wait-stats.ts";
import type { Waitable } from "../wait/waitable.ts";

interface RangeRequest {
  readonly actor: Actor;
  readonly start: number;
  readonly end: number;
  readonly isWrite: boolean;
}

/** A lock whose holders lock `[start, end)` each. */
export class RangeLock implements Waitable {
  readonly name: string;
  readonly kind: number = WAIT_LOCK;
  readonly isWork = false;
  readonly stats: WaitStats = new WaitStats();
  private readonly held: RangeRequest[] = [];
  private readonly waiting: RangeRequest[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Ranges that are held. */
  get nrHeld(): number {
    return this.held.length;
  }

  /** Takes a range for reading. */
  read(self: Actor, start: number, end: number): Pause {
    return this.request({ actor: self, start, end, isWrite: false });
  }

  /** Takes a range for writing. */
  write(self: Actor, start: number, end: number): Pause {
    return this.request({ actor: self, start, end, isWrite: true });
  }

  /** Gives a range back, as it was taken. */
  unlock(self: Actor, start: number, end: number): void {
    const at = this.held.findIndex(
      (one) => one.actor === self && one.start === start && one.end === end,
    );
    if (at < 0) {
      const problem = `${self.name} does not hold [${start}, ${end}) of ${this.name}`;
      throw new ArgumentError("self", problem);
    }
    this.held.splice(at, 1);
    this.grant();
  }

  label(waiter: Actor): string {
    const request = this.waiting.find(({ actor }) => actor === waiter);
    return request === undefined ? this.name : `[${request.start}, ${request.end}) of ${this.name}`;
  }

  holders(waiter: Actor): readonly Actor[] {
    const at = this.waiting.findIndex(({ actor }) => actor === waiter);
    const request = this.waiting[at];
    if (request === undefined) return [];
    const earlier = [...this.held, ...this.waiting.slice(0, at)];
    return earlier.filter((one) => doConflict(one, request)).map(({ actor }) => actor);
  }

  abandon(waiter: Actor, isGranted: boolean): void {
    if (isGranted) {
      const last = this.held.findLast(({ actor }) => actor === waiter);
      if (last !== undefined) this.unlock(waiter, last.start, last.end);
      return;
    }
    const at = this.waiting.findIndex(({ actor }) => actor === waiter);
    this.waiting.splice(at, 1);
    this.grant();
  }

  private request(request: RangeRequest): Pause {
    const { actor, start, end } = request;
    checkWholeNumber(start, "start");
    checkWholeNumber(end, "end", start + 1);
    const own = this.held.some((one) => one.actor === actor && doConflict(one, request));
    checkArgument(!own, "self", `${actor.name} already holds a part of this of ${this.name}`);
    const isFree = ![...this.held, ...this.waiting].some((one) => doConflict(one, request));
    if (isFree) {
      this.held.push(request);
      return actor.proceed();
    }
    this.waiting.push(request);
    return actor.park(this);
  }

  private grant(): void {
    for (let at = 0; at < this.waiting.length; ) {
      const request = this.waiting[at] as RangeRequest;
      const earlier = this.waiting.slice(0, at);
      if ([...this.held, ...earlier].some((one) => doConflict(one, request))) {
        at++;
        continue;
      }
      this.waiting.splice(at, 1);
      this.held.push(request);
      request.actor.wake();
    }
  }
}

function doConflict(one: RangeRequest, other: RangeRequest): boolean {
  return (one.isWrite || other.isWrite) && one.start < other.end && other.start < one.end;
}
