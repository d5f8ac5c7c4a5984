// Random sequences against the model, with what a person needs when one fails.
import fc from "fast-check";
import { type Failure, runSequence } from "./run-sequence.ts";
import { writeFailure } from "./scenario-text.ts";
import { type Sequence, sequences } from "./sequences.ts";

/** How many sequences, and how long they may be. */
export interface Campaign {
  readonly seed: number;
  readonly nrRuns: number;
  readonly maxLength: number;
}

/**
 * Runs random sequences until one fails, and shrinks that one.
 * @returns how often each step answered what.
 * @throws Error with the seed, the scenario file and the command to run it.
 */
export function checkSequences({ seed, nrRuns, maxLength }: Campaign): Map<string, number> {
  const outcomes = new Map<string, number>();
  const property = fc.property(sequences(maxLength), (sequence) => {
    const run = runSequence(sequence);
    for (const [key, n] of run.outcomes) outcomes.set(key, (outcomes.get(key) ?? 0) + n);
    return run.failure === null;
  });
  const details = fc.check(property, { seed, numRuns: nrRuns });
  if (!details.failed) return outcomes;
  const [sequence] = details.counterexample as [Sequence];
  const failure = runSequence(sequence).failure as Failure;
  const { path, command } = writeFailure(failure, seed);
  throw new Error(`seed ${seed}: ${failure.message}\n  written to ${path}\n  ${command}`);
}
