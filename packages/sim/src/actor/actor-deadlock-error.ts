// The end of a run in which actors wait and nothing is left that could wake them: who waits for
// what, and who holds it.
import { formatPs } from "../time/sim-time.ts";
import { waitName } from "../wait/wait-kinds.ts";
import type { Sim } from "./sim.ts";

/** One actor that waits. */
export interface WaitingActor {
  readonly actor: string;
  readonly isDaemon: boolean;
  /** A word of the wait vocabulary, or `idle`. */
  readonly kind: string;
  /** What it waits for. */
  readonly object: string;
  readonly sincePs: number;
  /** Who could end the wait, where that is known. */
  readonly holders: readonly string[];
}

/** Thrown by `sim.run()`; what was recorded until then is good. */
export class ActorDeadlockError extends Error {
  override readonly name = "ActorDeadlockError";
  /** Every actor that is no daemon. */
  readonly waiting: readonly WaitingActor[];
  /** Names of actors each of which waits for the next, and the last for the first; often empty. */
  readonly cycle: readonly string[];

  constructor(all: readonly WaitingActor[]) {
    const waiting = all.filter(({ isDaemon }) => !isDaemon);
    const cycle = findCycle(all);
    const lines = waiting.map((one) => `\n  ${describeWaiting(one)}`);
    const circle =
      cycle.length === 0 ? "" : `\n  in a circle: ${[...cycle, cycle[0]].join(" -> ")}`;
    super(`nothing is left to happen, but actors wait:${lines.join("")}${circle}`);
    this.waiting = waiting;
    this.cycle = cycle;
  }
}

/** The actors of a simulation that wait, in the order of their numbers. */
export function waitingActors(sim: Sim): WaitingActor[] {
  return sim.actors().flatMap((actor) => {
    const { wait } = actor;
    if (wait === null) return [];
    return [
      {
        actor: actor.name,
        isDaemon: actor.isDaemon,
        kind: waitName(wait.kind),
        object: wait.label(actor),
        sincePs: actor.parkedAtPs,
        holders: wait.holders(actor).map(({ name }) => name),
      },
    ];
  });
}

/** One line: who waits for what, since when, and who holds it. */
export function describeWaiting({ actor, kind, object, sincePs, holders }: WaitingActor): string {
  const held = holders.length === 0 ? "" : `, held by ${holders.join(", ")}`;
  return `${actor} waits for ${object} (${kind}) since ${formatPs(sincePs)}${held}`;
}

/** Follows each actor to the first holder that waits too. Names stand for actors. */
function findCycle(all: readonly WaitingActor[]): string[] {
  const byName = new Map(all.map((one) => [one.actor, one]));
  const done = new Set<string>();
  for (const start of byName.keys()) {
    const path: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !done.has(at)) {
      if (path.includes(at)) return path.slice(path.indexOf(at));
      path.push(at);
      at = byName.get(at)?.holders.find((holder) => byName.has(holder));
    }
    for (const name of path) done.add(name);
  }
  return [];
}
