// System calls as generators: they yield what they wait for and end with the kernel's result. A
// host with a clock lets other actors run in between; untimed callers use `runToCompletion`.
import { TIMED_WAITS, type Wait } from "@faultline/core";

/** A system call under way. Its result is 0, a positive count, or a negative errno. */
export type Verb<T = number> = Generator<Wait, T, void>;

/** Thrown when a verb waits for something that nobody else can provide. */
export class DeadlockError extends Error {
  override readonly name = "DeadlockError";
  readonly wait: Wait;

  constructor(wait: Wait) {
    super(`waiting for ${wait.reason} that nobody will end`);
    this.wait = wait;
  }
}

/** A verb alone in its world may meet the same wait this often before it counts as stuck. */
const PATIENCE = 64;

/**
 * Drives a verb to its end, alone.
 * @returns what the verb returns.
 * @throws DeadlockError when the verb keeps waiting for the same thing.
 */
export function runToCompletion<T>(verb: Verb<T>): T {
  let last: Wait | null = null;
  let repeats = 0;
  for (;;) {
    const step = verb.next();
    if (step.done === true) return step.value;
    const wait = step.value;
    if (TIMED_WAITS.has(wait.reason)) continue;
    const isSame = last !== null && last.reason === wait.reason && last.object === wait.object;
    repeats = isSame ? repeats + 1 : 0;
    if (repeats > PATIENCE) {
      // What the verb holds it gives back.
      verb.return(undefined as T);
      throw new DeadlockError(wait);
    }
    last = wait;
  }
}
