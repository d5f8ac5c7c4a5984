// Several simulated numbers beside several published ones: whether they are in the same order, and,
// where a target gives a tolerance, how near the ratios to the smallest come.
import { type Measure, quantityOf, type Target } from "@faultline/profiles";
import { evaluateMeasure, type FinishedRun } from "./evaluate-measure.ts";
import type { Simulated } from "./reproduce-target.ts";

/** What there is to show where nothing was simulated. */
export const NOTHING_SIMULATED = {
  simulated: null,
  simulatedValues: {},
  errorPercent: null,
} as const;

/** Compares an order. */
export function compareOrder(
  { values, unit, tolerancePercent }: Target,
  order: Readonly<Record<string, Measure>>,
  runs: readonly FinishedRun[],
): Omit<Simulated, "by" | "shareAssumed"> {
  const measured = Object.entries(order).map(([name, measure]) => {
    const value = evaluateMeasure(measure, runs);
    return [name, value === null ? null : value / quantityOf(unit).value] as const;
  });
  const missing = measured.flatMap(([name, value]) => (value === null ? [name] : []));
  if (missing.length > 0) {
    const reason = `nothing of it happened: ${missing.join(", ")}`;
    return { ...NOTHING_SIMULATED, verdict: "not run", reason };
  }
  const simulated = Object.fromEntries(measured) as Record<string, number>;
  const names = Object.keys(values).sort((a, b) => at(values, a) - at(values, b));
  const [first = ""] = names;
  const swapped = names.slice(1).filter((name, i) => {
    const before = names[i] ?? first;
    const isTie = at(values, before) === at(values, name);
    return !isTie && at(simulated, before) >= at(simulated, name);
  });
  const errorPercent = names
    .map((name) => {
      const published = at(values, name) / at(values, first);
      return (at(simulated, name) / at(simulated, first) / published - 1) * 100;
    })
    .reduce((worst, error) => (Math.abs(error) > Math.abs(worst) ? error : worst), 0);
  const isNear = tolerancePercent === 0 || Math.abs(errorPercent) <= tolerancePercent;
  return {
    simulated: null,
    simulatedValues: simulated,
    errorPercent,
    verdict: swapped.length === 0 && isNear ? "met" : "missed",
    reason: swapped.length === 0 ? "" : `not in this order: ${swapped.join(", ")}`,
  };
}

function at(values: Readonly<Record<string, number>>, name: string): number {
  return values[name] ?? 0;
}
