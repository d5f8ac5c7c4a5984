// The same run at other prices that the same evidence allows: every number of a profile that has a
// range is drawn from it, again and again, and what comes out is an interval for every result.
import { type Profile, sampleProfile, shippedProfile } from "@faultline/profiles";
import { centralInterval, type FaultKind, type Interval } from "@faultline/report";
import type { ProfileChoice } from "@faultline/scenario";
import { RandomStreams } from "@faultline/sim";
import type { TimedRun } from "../timed-run.ts";
import { kindsTogether } from "../fault-kind-name.ts";

/** How much of the samples an interval holds. */
export const INTERVAL_SHARE = 0.9;

/** Steps of a drawn number between 0 and 1. */
const RESOLUTION = 2 ** 31;

/** The percentiles that a table of faults shows. */
export type Percentile = "p50Ps" | "p90Ps" | "p99Ps" | "maxPs";

/** The percentiles, in the order of tables. */
export const PERCENTILES: readonly Percentile[] = ["p50Ps", "p90Ps", "p99Ps", "maxPs"];

/** Intervals of one kind of faults. */
export interface UncertainKind extends Readonly<Record<Percentile, Interval>> {
  readonly device: string;
  readonly access: FaultKind["access"];
  /** Of the number of faults, which prices can change. */
  readonly nrFaults: Interval;
}

/** What the ranges of the prices leave open. */
export interface Uncertainty {
  readonly nrSamples: number;
  readonly share: number;
  readonly simulatedPs: Interval;
  readonly kinds: readonly UncertainKind[];
}

/** Runs at drawn prices. */
export interface SampledRuns {
  readonly runs: readonly TimedRun[];
  readonly uncertainty: Uncertainty;
}

/**
 * Runs something at drawn prices.
 * @param seed of the draws; sample `n` of two profiles draws alike what both inherit.
 * @param run a run at the prices of a choice; null where it cannot be.
 */
export function sampleRuns(
  choice: ProfileChoice,
  seed: number,
  nrSamples: number,
  run: (choice: ProfileChoice, sample: number) => TimedRun | null,
): SampledRuns {
  const runs: TimedRun[] = [];
  for (let n = 0; n < nrSamples; n++) {
    const done = run(drawnChoice(choice, seed, n), n);
    if (done !== null) runs.push(done);
  }
  return { runs, uncertainty: uncertaintyOf(runs) };
}

/** The choice with every profile drawn anew; CPUs without a profile of their own are drawn, too. */
function drawnChoice(
  { all, byDevice, host }: ProfileChoice,
  seed: number,
  n: number,
): ProfileChoice {
  const draw = (profile: Profile): Profile => {
    const streams = new RandomStreams(seed);
    const drawing = (name: string): (() => number) => {
      const stream = streams.stream(name);
      return () => stream.below(RESOLUTION) / RESOLUTION;
    };
    const name = `profile sample ${n}`;
    return sampleProfile(profile, drawing(name), drawing(`${name}, shared CPUs`));
  };
  const cpus = host ?? shippedProfile("host-cpu");
  return {
    all: all === null ? null : draw(all),
    byDevice: new Map([...byDevice].map(([name, profile]) => [name, draw(profile)])),
    ...(cpus === null ? {} : { host: draw(cpus) }),
  };
}

/** The intervals that the numbers of some runs lie in. */
export function uncertaintyOf(runs: readonly TimedRun[]): Uncertainty {
  const interval = (samples: readonly number[]): Interval =>
    centralInterval(samples, INTERVAL_SHARE) ?? { low: 0, high: 0 };
  return {
    nrSamples: runs.length,
    share: INTERVAL_SHARE,
    simulatedPs: interval(runs.map(({ result }) => result.simulatedPs)),
    kinds: kindsTogether(runs).map((ones) => {
      const [{ device, access }] = ones;
      const of = (key: Percentile | "nrFaults"): Interval => interval(ones.map((one) => one[key]));
      return {
        device,
        access,
        nrFaults: of("nrFaults"),
        p50Ps: of("p50Ps"),
        p90Ps: of("p90Ps"),
        p99Ps: of("p99Ps"),
        maxPs: of("maxPs"),
      };
    }),
  };
}
