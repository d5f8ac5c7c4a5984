// Runs two or more verbs against each other in every order that their waits allow, up to a bound.
// Each order is replayed from a fresh world, so nothing has to be undone.
import { TIMED_WAITS, type Wait } from "@faultline/core";
import type { Verb } from "@faultline/engine";

/** A fresh world with verbs to race, and what must hold when all of them have ended. */
export interface Race {
  readonly verbs: readonly Verb<unknown>[];
  /** Called with each verb's result. */
  readonly check: (results: readonly unknown[], schedule: string) => void;
}

/** What an exploration found. */
export interface Exploration {
  /** Orders that ran to the end. */
  readonly nrSchedules: number;
  /** Distinct results, as JSON, with how many orders gave each. */
  readonly outcomes: ReadonlyMap<string, number>;
}

interface Actor {
  readonly verb: Verb<unknown>;
  done: boolean;
  result: unknown;
  /** Set while polling again is pointless: nobody else has moved since the wait began. */
  stuckOn: Wait | null;
}

/** A wait that ends by itself: time, not another actor, is what it needs. */
function endsByItself(wait: Wait): boolean {
  return TIMED_WAITS.has(wait.reason) || (wait.reason === "notifier" && !isReader(wait));
}

/**
 * A reader that waits for an invalidation names the mm; the invalidation itself names its range.
 */
function isReader(wait: Wait): boolean {
  return typeof wait.object === "object" && wait.object !== null && "mmapLock" in wait.object;
}

/**
 * Explores every schedule of at most `maxSteps` steps.
 * @throws when a schedule deadlocks, or when `check` does.
 */
export function explore(createRace: () => Race, maxSteps = 200): Exploration {
  const outcomes = new Map<string, number>();
  let nrSchedules = 0;
  const pending: number[][] = [[]];
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    const { schedule, results, alternatives } = runSchedule(createRace(), prefix, maxSteps);
    pending.push(...alternatives);
    nrSchedules++;
    const key = JSON.stringify(
      results.map((result) => (typeof result === "number" ? result : "ok")),
    );
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    if (nrSchedules > 20000) throw new Error(`more than 20000 schedules, last ${schedule}`);
  }
  return { nrSchedules, outcomes };
}

interface ScheduleRun {
  readonly schedule: string;
  readonly results: readonly unknown[];
  /** Prefixes that choose another actor somewhere after the given prefix. */
  readonly alternatives: number[][];
}

function runSchedule(race: Race, prefix: readonly number[], maxSteps: number): ScheduleRun {
  const actors: Actor[] = race.verbs.map((verb) => ({
    verb,
    done: false,
    result: undefined,
    stuckOn: null,
  }));
  const taken: number[] = [];
  const alternatives: number[][] = [];
  while (actors.some((actor) => !actor.done)) {
    const ready = actors.flatMap(({ done, stuckOn }, i) => (done || stuckOn !== null ? [] : [i]));
    const schedule = taken.join("");
    if (ready.length === 0) throw new Error(`deadlock after ${schedule}: ${waits(actors)}`);
    if (taken.length >= maxSteps) throw new Error(`no end after ${maxSteps} steps: ${schedule}`);
    const chosen = prefix[taken.length] ?? ready[0] ?? 0;
    if (taken.length >= prefix.length) {
      for (const other of ready) if (other !== chosen) alternatives.push([...taken, other]);
    }
    taken.push(chosen);
    step(actors, chosen);
  }
  const results = actors.map((actor) => actor.result);
  race.check(results, taken.join(""));
  return { schedule: taken.join(""), results, alternatives };
}

function step(actors: readonly Actor[], chosen: number): void {
  const actor = actors.at(chosen);
  if (actor === undefined) throw new Error(`no actor ${chosen}`);
  const { done, value } = actor.verb.next();
  for (const other of actors) if (other !== actor) other.stuckOn = null;
  if (done === true) {
    actor.done = true;
    actor.result = value;
    return;
  }
  actor.stuckOn = endsByItself(value) ? null : value;
}

function waits(actors: readonly Actor[]): string {
  return actors.map(({ done, stuckOn }) => (done ? "ended" : (stuckOn?.reason ?? "?"))).join(", ");
}
