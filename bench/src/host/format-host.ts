// The tables of `bench:vs-host` and `bench:predict`.
import type { Residual } from "@faultline/profiles";
import { figure, plainColumns } from "../plain-columns.ts";
import type { HostComparison } from "./compare-host.ts";
import type { Remainder } from "./host-fit.ts";
import type { HostPredictions, Prediction } from "./predict-composites.ts";
import type { Spread } from "./spread.ts";

/** How far a prediction may be off. */
const GOAL_PERCENT = 15;

/** What was not run, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** Times of both sides with their quartiles, and what was skipped. */
export function formatComparisons(
  host: string,
  rounds: number,
  comparisons: readonly HostComparison[],
): string {
  const rows = comparisons.flatMap((one) =>
    one.isSkipped
      ? []
      : [
          [
            one.name,
            one.unit,
            figure(one.hostNs.median),
            quartiles(one.hostNs, figure),
            figure(one.simulatorNs.median),
            quartiles(one.simulatorNs, figure),
            `${figure(one.ratio.median)}x`,
            quartiles(one.ratio, figure),
          ],
        ],
  );
  const head = ["operation", "unit", "host ns", "quartiles", "simulator ns", "quartiles"];
  const table = plainColumns([[...head, "host/sim", "quartiles"], ...rows], 2);
  const skipped = comparisons.flatMap((one) => (one.isSkipped ? [one] : []));
  return `${host}; ${rounds} rounds\n\n${table}${skippedLines(skipped)}`;
}

/** The fit, then the predictions. */
export function formatPredictions(
  host: string,
  rounds: number,
  { residuals, remainders, predictions }: HostPredictions,
  skipped: readonly Skipped[],
): string {
  return [
    `${host}; ${rounds} rounds, CPU time`,
    "",
    "Fitted, and how the fit agrees with what it was fitted to",
    "",
    fitTable(residuals),
    "Besides, what no kind of effort has",
    "",
    remainderTable(remainders),
    "Predicted: nothing is fitted to these",
    "",
    `${predictionTable(predictions)}${medianLine(predictions)}${skippedLines(skipped)}`,
  ].join("\n");
}

function fitTable(residuals: readonly Residual[]): string {
  const rows = residuals.map((one) => [
    one.what.split(":", 1)[0] ?? "",
    one.field ?? "(a check)",
    `${figure(one.median)} us`,
    figure(one.mad ?? 0),
    figure(one.after),
    percent(one.residualPercent),
  ]);
  return plainColumns(
    [["primitive", "price", "measured", "MAD", "profile", "residual"], ...rows],
    2,
  );
}

function remainderTable(remainders: readonly Remainder[]): string {
  const rows = remainders.map(({ word, what, unit, perStepUs, perUnitUs }) => [
    word,
    what,
    `${figure(perStepUs)} us`,
    `${figure(perUnitUs * 1000)} ns`,
    `an ${unit}`.replace("an fault", "a fault"),
  ]);
  return plainColumns([["step", "what", "each", "and", "for"], ...rows], 2);
}

function predictionTable(predictions: readonly Prediction[]): string {
  const rows = predictions.map((one) => [
    one.name,
    one.what,
    `${figure(one.predictedUs)} us`,
    `${figure(one.measuredUs.median)} us`,
    quartiles(one.measuredUs, figure),
    percent(one.errorPercent),
    `${percent(one.roundsPercent.low)} to ${percent(one.roundsPercent.high)}`,
  ]);
  const head = ["composite", "what", "predicted", "measured", "quartiles", "error"];
  return plainColumns([[...head, "round by round"], ...rows], 2);
}

/** The middle of the errors, whatever their sign; within what they shall be. */
function medianLine(predictions: readonly Prediction[]): string {
  const errors = predictions.map(({ errorPercent }) => Math.abs(errorPercent));
  const within = errors.filter((error) => error <= GOAL_PERCENT).length;
  return `\n${within} of ${errors.length} within ${GOAL_PERCENT} %\n`;
}

function skippedLines(skipped: readonly Skipped[]): string {
  return skipped.map(({ name, reason }) => `\nskipped ${name}: ${reason}\n`).join("");
}

function quartiles({ low, high }: Spread, show: (value: number) => string): string {
  return `${show(low)} to ${show(high)}`;
}

function percent(value: number): string {
  const text = value.toFixed(1).replace(/^-0\.0$/, "0.0");
  return `${value > 0 && text !== "0.0" ? "+" : ""}${text} %`;
}
