// A scenario with `repetitions`: its runs, and what each number is over all of them.
import { centralInterval, type FaultKind, takeOne } from "@faultline/report";
import {
  DEFAULT_SEED,
  type ProfileChoice,
  type RepeatedResult,
  repeatedResult,
  repetitionSeed,
  type ScenarioPlan,
} from "@faultline/scenario";
import type { CommandContext } from "../command-context.ts";
import { type TimedRun, type TimedRunOptions, watchedRun } from "../timed-run.ts";
import { kindsTogether } from "../fault-kind-name.ts";
import { INTERVAL_SHARE, type Percentile, PERCENTILES } from "../uncertainty/sample-runs.ts";

/** One number over all repetitions. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The interval that nine tenths of the repetitions lie in. */
  readonly low: number;
  readonly high: number;
}

/** Faults of one kind over all repetitions that have any. */
export interface RepeatedKind extends Readonly<Record<Percentile, Spread>> {
  readonly device: string;
  readonly access: FaultKind["access"];
  /** Repetitions that have such faults. */
  readonly nrRepetitions: number;
  readonly nrFaults: Spread;
  readonly meanPs: Spread;
}

/** All repetitions of a scenario. */
export interface RepeatedRuns {
  readonly result: RepeatedResult;
  readonly runs: readonly TimedRun[];
  readonly kinds: readonly RepeatedKind[];
  readonly simulatedPs: Spread;
}

/** Runs them one after another; null, with what is wrong shown, as `watchedRun`. */
export async function repeatedRuns(
  context: CommandContext,
  plan: ScenarioPlan,
  choice: ProfileChoice,
  options: TimedRunOptions,
): Promise<RepeatedRuns | null> {
  const { repetitions, seed: own = DEFAULT_SEED } = plan.document;
  const runs: TimedRun[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const seed = repetitionSeed(options.seed ?? own, repetition);
    const run = await watchedRun(context, plan, choice, { ...options, seed, repetition });
    if (run === null) return null;
    runs.push(run);
    if (run.result.isPartial) break;
  }
  return {
    result: repeatedResult(
      plan,
      runs.map(({ result }) => result),
    ),
    runs,
    kinds: repeatedKinds(runs),
    simulatedPs: spreadOf(runs.map(({ result }) => result.simulatedPs)),
  };
}

function repeatedKinds(runs: readonly TimedRun[]): RepeatedKind[] {
  return kindsTogether(runs).map((ones) => {
    const [{ device, access }] = ones;
    const of = (key: Percentile | "nrFaults" | "meanPs"): Spread =>
      spreadOf(ones.map((one) => one[key]));
    const [p50Ps, p90Ps, p99Ps, maxPs] = PERCENTILES.map(of) as [Spread, Spread, Spread, Spread];
    const [nrFaults, meanPs] = [of("nrFaults"), of("meanPs")];
    const nrRepetitions = ones.length;
    return { device, access, nrRepetitions, nrFaults, p50Ps, p90Ps, p99Ps, maxPs, meanPs };
  });
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const { low, high } = centralInterval(sorted, INTERVAL_SHARE) ?? { low: 0, high: 0 };
  return {
    min: takeOne(sorted, "min"),
    median: Math.round(takeOne(sorted, 50)),
    max: takeOne(sorted, "max"),
    low: Math.round(low),
    high: Math.round(high),
  };
}
