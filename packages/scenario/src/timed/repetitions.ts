// `repetitions: N`: the same scenario several times, each with a seed of its own.
import { RandomStreams } from "@faultline/sim";
import { type ExpectationReport, judge } from "../expect/judge.ts";
import type { ScenarioPlan } from "../plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

/** Seeds that are drawn are below this. */
const SEED_END = 2 ** 31;

/** All repetitions of a scenario. */
export interface RepeatedResult {
  readonly passed: boolean;
  /** One of them was stopped, or did not come to its turn. */
  readonly isPartial: boolean;
  /** What is expected of each repetition shows the one that is furthest off. */
  readonly expectations: readonly ExpectationReport[];
  readonly runs: readonly TimedScenarioResult[];
}

/** The seed of a repetition: the first has the scenario's own, others follow from it. */
export function repetitionSeed(seed: number, repetition: number): number {
  if (repetition === 0) return seed;
  return new RandomStreams(seed).stream(`repetition ${repetition}`).below(SEED_END);
}

/** Puts the runs of a scenario together, in the order of their repetitions; at least one. */
export function repeatedResult(
  { document, expectations: planned }: ScenarioPlan,
  runs: readonly TimedScenarioResult[],
): RepeatedResult {
  const isPartial = runs.length < document.repetitions || runs.some((run) => run.isPartial);
  const isLooked = runs.every((run) => run.expectations.length > 0);
  const expectations = isLooked
    ? planned.map((one, at) =>
        judge(
          one,
          runs.map((run) => run.expectations[at]?.value ?? null),
        ),
      )
    : [];
  const isMet = expectations.every((one) => one.isMet);
  return {
    passed: !isPartial && isMet && runs.every((run) => run.passed),
    isPartial,
    expectations,
    runs,
  };
}
