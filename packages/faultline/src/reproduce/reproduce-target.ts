// A published number beside the simulated one, and how far apart they are.
import {
  errorPercentOf,
  isTimePerGib,
  priceOperation,
  priceTable,
  quantityOf,
  shareAssumed,
  type Target,
} from "@faultline/profiles";
import { FaultLog } from "@faultline/report";
import { runTimedScenario } from "@faultline/scenario";
import { compareOrder, NOTHING_SIMULATED } from "./compare-order.ts";
import { evaluateMeasure, type FinishedRun } from "./evaluate-measure.ts";
import type { PlannedRun, PublishedCase } from "./target-planner.ts";

/** How a number came about: a run of a scenario, the prices of an operation added up, or not. */
export type ReproductionMethod = "run" | "prices" | "none";

/** Whether a number is as near as its role asks. */
export type ReproductionVerdict = "met" | "missed" | "not run";

/** What was simulated, beside what was published. */
export interface Simulated {
  readonly by: ReproductionMethod;
  /** In the unit of the target; null where nothing was simulated, and for an order. */
  readonly simulated: number | null;
  /** Of an order, by name. */
  readonly simulatedValues: Readonly<Record<string, number>>;
  /** Of the published number, with its sign; of an order, its worst ratio. */
  readonly errorPercent: number | null;
  readonly verdict: ReproductionVerdict;
  /** 0 to 1: how much of the priced time rests on assumed prices. */
  readonly shareAssumed: number | null;
  /** Why nothing was simulated, or what else decided; empty otherwise. */
  readonly reason: string;
}

/** One target at the prices of one of its profiles. */
export interface Reproduction extends Simulated {
  readonly target: Target;
  /** The profile, or those of its runs. */
  readonly profile: string;
  /** Digests of the runs, by name. */
  readonly digests: Readonly<Record<string, string>>;
}

/**
 * Whether a miss counts: a prediction that is far off is told, and is nobody's mistake; a miss
 * whose reason the target tells is known.
 */
export function isFailure({ target, verdict }: Reproduction): boolean {
  return verdict === "missed" && target.role !== "prediction" && target.miss === "";
}

type Finished = Omit<FinishedRun, "name">;

/** Runs targets; a run that several of them need is made once. */
export class Reproducer {
  private readonly finished = new Map<string, Finished>();
  private readonly seed: number | undefined;

  /** @param seed in place of those of the scenarios. */
  constructor(seed?: number) {
    this.seed = seed;
  }

  /** A target at one of its profiles. */
  reproduce({ target, runs }: PublishedCase): Reproduction {
    const profile = [...new Set(runs.map((run) => run.profile.id))].join(" ");
    const isRun = target.measure !== null || target.order !== null;
    if (!isRun) return { target, profile, digests: {}, ...priced(target, runs) };
    const finished = runs.flatMap((run) => this.finish(run) ?? []);
    const digests = Object.fromEntries(
      finished.map(({ name, result }) => [name || "run", result.digest]),
    );
    return { target, profile, digests, ...measured(target, finished) };
  }

  private finish({ name, planned, key }: PlannedRun): FinishedRun | null {
    if (planned === null) return null;
    let done = this.finished.get(key);
    if (done === undefined) {
      const names = planned.plan.machine?.devices.map((device) => device.name) ?? [];
      const faults = new FaultLog((device) => names[device] ?? `device ${device}`);
      const result = runTimedScenario(planned, {
        ...(this.seed === undefined ? {} : { seed: this.seed }),
        sink: (chunk) => faults.add(chunk),
      });
      done = { result, faults };
      this.finished.set(key, done);
    }
    return { name, ...done };
  }
}

function priced(target: Target, [run]: readonly PlannedRun[]): Simulated {
  if (target.operation === null || run === undefined) {
    const reason = target.notRun === "" ? "no scenario runs it yet" : target.notRun;
    return { by: "none", ...NOTHING_SIMULATED, verdict: "not run", shareAssumed: null, reason };
  }
  const time = priceOperation(priceTable(run.profile), target.operation);
  return { by: "prices", shareAssumed: shareAssumed(time), ...compare(target, time.totalPs) };
}

function measured(target: Target, runs: readonly FinishedRun[]): Simulated {
  const share = Math.max(...runs.map(({ result }) => result.shareAssumed));
  const stuck = runs.map(({ result }) => result.stuck).find((why) => why !== null);
  const base = { by: "run" as const, shareAssumed: share };
  const none = { ...base, ...NOTHING_SIMULATED, verdict: "not run" as const };
  if (stuck !== undefined) return { ...none, reason: stuck };
  if (target.order !== null) return { ...base, ...compareOrder(target, target.order, runs) };
  const value = target.measure === null ? null : evaluateMeasure(target.measure, runs);
  if (value === null) return { ...none, reason: "nothing of it happened" };
  return { ...base, ...compare(target, value) };
}

const PS_PER_MS = 1e9;

function compare(target: Target, value: number): Omit<Simulated, "by" | "shareAssumed"> {
  const { unit, role, tolerancePercent, low, high, measure } = target;
  const isPerSize = measure !== null && isTimePerGib(measure, unit);
  const simulated = value / (isPerSize ? PS_PER_MS : quantityOf(unit).value);
  const errorPercent = errorPercentOf(target, simulated);
  const isNear = Math.abs(errorPercent) <= tolerancePercent;
  const isInSpread = low !== null && high !== null && low <= simulated && simulated <= high;
  const isMet = isNear || (isInSpread && role !== "reproduction");
  const reason = isMet && !isNear ? "within the spread of what was measured" : "";
  const verdict = isMet ? "met" : "missed";
  return { simulated, simulatedValues: {}, errorPercent, verdict, reason };
}
