// The text of the scale study: each point beside the curve that was expected, and a verdict.
import { figure, plainColumns } from "../plain-columns.ts";
import type { Curve } from "./curve.ts";
import type { MeasuredAxis } from "./run-axis.ts";
import type { ScaleQuantity } from "./scale-axis.ts";

/** One line of the study. */
export function formatAxis(axis: MeasuredAxis): string {
  const { name, what, because, curves } = axis;
  const all = Object.entries(curves) as [ScaleQuantity, Curve][];
  const heads = all.flatMap(([quantity]) => [unitOf(axis, quantity), "expected"]);
  const rows = (all[0]?.[1].points ?? []).map(({ x }, n) => [
    String(x),
    ...all.flatMap(([, { points }]) => {
      const point = points[n];
      return point === undefined ? ["", ""] : [figure(point.measured), figure(point.expected)];
    }),
  ]);
  const verdicts = all.map(([quantity, { expectedGrowth, exponent, verdict }]) => {
    const grows = `grows as x^${exponent.toFixed(2)}`;
    return `  ${unitOf(axis, quantity)}: ${expectedGrowth} expected, ${grows}: ${verdict}\n`;
  });
  const table = plainColumns([[axis.of, ...heads], ...rows], 0);
  const indented = table.replaceAll(/^(?=.)/gm, "  ");
  return `${name}: ${what}\n  because ${because}\n\n${indented}\n${verdicts.join("")}`;
}

/** How many curves grow faster than expected, in a sentence. */
export function formatVerdict(axes: readonly MeasuredAxis[]): string {
  const all = axes.flatMap(({ curves }) => Object.values(curves));
  const faster = all.filter(({ verdict }) => verdict === "grows faster").length;
  const rest = faster === 0 ? "none grows faster" : `${faster} grow faster`;
  return `${all.length} curves, ${rest} than expected\n`;
}

function unitOf({ unit, workUnit = "work" }: MeasuredAxis, quantity: ScaleQuantity): string {
  if (quantity === "ns") return `ns/${unit}`;
  return quantity === "bytesPerPage" ? "bytes/page" : `${workUnit}/${unit}`;
}
