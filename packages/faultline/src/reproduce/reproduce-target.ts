// A published number beside the simulated one, and how far apart they are.
import {
  priceOperation,
  type Profile,
  priceTable,
  shareAssumed,
  shippedProfile,
  type Target,
  type Unit,
  UNITS,
} from "@faultline/profiles";
import { timedPlan } from "@faultline/scenario";
import type { PublishedTarget } from "./load-published-targets.ts";
import { measureRun } from "./measure-run.ts";

/** How a number came about: a run of a scenario, the prices of an operation added up, or not. */
export type ReproductionMethod = "run" | "prices" | "none";

/** Whether a number is as near as its role asks. */
export type ReproductionVerdict = "met" | "missed" | "not run";

/** One target at the prices of one of its profiles. */
export interface Reproduction {
  readonly target: Target;
  readonly profile: string;
  readonly by: ReproductionMethod;
  /** In the unit of the target; null where nothing was simulated. */
  readonly simulated: number | null;
  /** Of the published number, with its sign. */
  readonly errorPercent: number | null;
  readonly verdict: ReproductionVerdict;
  /** 0 to 1: how much of the priced time rests on assumed prices. */
  readonly shareAssumed: number | null;
  /** Why nothing was simulated; empty otherwise. */
  readonly reason: string;
}

interface Simulated {
  readonly by: ReproductionMethod;
  readonly value: number | null;
  readonly shareAssumed: number | null;
  readonly reason: string;
}

/** A target at the prices of each of its profiles. */
export function reproduceTarget({ target, plan }: PublishedTarget): Reproduction[] {
  return target.profiles.flatMap((id) => {
    const profile = shippedProfile(id);
    return profile === null ? [] : [compared(target, id, simulate(profile, { target, plan }))];
  });
}

/** Whether a miss counts: a prediction that is far off is told, and is nobody's mistake. */
export function isFailure({ target, verdict }: Reproduction): boolean {
  return verdict === "missed" && target.role !== "prediction";
}

function simulate(profile: Profile, { target, plan }: PublishedTarget): Simulated {
  const { operation, measure, unit } = target;
  if (plan !== null && measure !== null) {
    const { value, result } = measureRun(
      timedPlan(plan, { all: profile, byDevice: new Map() }),
      measure,
    );
    const reason = value === null ? (result.stuck ?? "nothing of it happened") : "";
    const share = result.shareAssumed;
    return { by: "run", value: value && inUnit(value, unit), shareAssumed: share, reason };
  }
  if (operation === null) {
    return { by: "none", value: null, shareAssumed: null, reason: "no scenario runs it yet" };
  }
  const time = priceOperation(priceTable(profile), operation);
  const value = inUnit(time.totalPs, unit);
  return { by: "prices", value, shareAssumed: shareAssumed(time), reason: "" };
}

function compared(target: Target, profile: string, simulated: Simulated): Reproduction {
  const { by, value, reason } = simulated;
  const error = value === null ? null : ((value - target.value) * 100) / target.value;
  const isNear = error !== null && Math.abs(error) <= target.tolerancePercent;
  return {
    target,
    profile,
    by,
    simulated: value,
    errorPercent: error,
    verdict: error === null ? "not run" : isNear ? "met" : "missed",
    shareAssumed: simulated.shareAssumed,
    reason,
  };
}

const PS_PER_MS = 1e9;

/** Picoseconds, a count, or amounts per second in a unit that the measure allows. */
function inUnit(value: number, unit: Unit): number {
  if (unit === "ms/GiB") return value / PS_PER_MS;
  if (unit === "Mpages/s") return value / 1e6;
  return value / UNITS[unit].factor;
}
