// Actors in the order in which they came. An actor waits in one place at a time, so the links are
// fields of the actor and waiting allocates nothing.
import type { Actor } from "../actor/actor.ts";

/** A doubly linked list of waiting actors. */
export class WaitQueue {
  first: Actor | null = null;
  private last: Actor | null = null;
  length = 0;

  /** Adds an actor at the end. */
  push(actor: Actor): void {
    actor.previousWaiter = this.last;
    actor.nextWaiter = null;
    if (this.last === null) this.first = actor;
    else this.last.nextWaiter = actor;
    this.last = actor;
    this.length++;
  }

  /** Adds an actor before all others. */
  unshift(actor: Actor): void {
    actor.previousWaiter = null;
    actor.nextWaiter = this.first;
    if (this.first === null) this.last = actor;
    else this.first.previousWaiter = actor;
    this.first = actor;
    this.length++;
  }

  /** Takes the first actor; null when nobody waits. */
  shift(): Actor | null {
    const actor = this.first;
    if (actor !== null) this.remove(actor);
    return actor;
  }

  /** Takes out an actor that is in the queue. */
  remove(actor: Actor): void {
    const { previousWaiter, nextWaiter } = actor;
    if (previousWaiter === null) this.first = nextWaiter;
    else previousWaiter.nextWaiter = nextWaiter;
    if (nextWaiter === null) this.last = previousWaiter;
    else nextWaiter.previousWaiter = previousWaiter;
    actor.previousWaiter = null;
    actor.nextWaiter = null;
    this.length--;
  }

  /** The actors, first to last. */
  actors(): Actor[] {
    const found: Actor[] = [];
    for (let actor = this.first; actor !== null; actor = actor.nextWaiter) found.push(actor);
    return found;
  }
}
