// What an actor yields, and what it gets back. All are numbers, so that a switch allocates nothing.

/**
 * What an actor yields. 0 or more: sleep that many picoseconds. READY or PARKED: what a lock,
 * queue, signal or link has just answered.
 */
export type Pause = number;

/** There was nothing to wait for: the actor goes on at once, without an event. */
export const READY = -1;
/** The actor has been put in a queue and goes on when it is woken. */
export const PARKED = -2;

/** What `yield` gives when what was waited for came. Queues give the item, which is 0 or more. */
export const WAIT_OK = 0;
/** What `yield` gives when the time of `self.within()` was over first. */
export const WAIT_TIMED_OUT = -1;
/** What `yield` gives when a transfer met a link that is down. */
export const WAIT_LINK_DOWN = -2;
/** What `yield` gives when a full queue dropped the item. */
export const WAIT_DROPPED = -3;

/** The program of an actor: it yields pauses, gets wake codes, and ends with a result. */
export type ActorBody<T = unknown> = Generator<Pause, T, number>;

/** Thrown inside an actor at the `yield` where it was interrupted. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(cause: unknown) {
    super("the actor was interrupted", { cause });
  }
}
