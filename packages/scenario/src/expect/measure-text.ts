// The number that an expectation is about, in words and as people read it.
import { formatPs } from "@faultline/sim";
import { parseTimePs } from "../schema/fields.ts";
import type { Expectation, LeafMeasure, Quantity } from "../schema/expectation-schema.ts";

/** What a number is counted in. */
export type Dimension = "time" | "count" | "ratio";

/** What the number of an expectation is counted in. */
export function dimensionOf({ of }: Pick<Expectation, "of">): Dimension {
  if (of === "ratio") return "ratio";
  return of === "fault" || of === "time" ? "time" : "count";
}

/** Whether a number exists under a clock only. */
export function needsClock(expectation: Expectation): boolean {
  return leavesOf(expectation).some(({ of }) => of !== "counter" && of !== "vmstat");
}

/** The numbers that an expectation puts together; itself where it is about one. */
export function leavesOf(expectation: Expectation): readonly LeafMeasure[] {
  return expectation.of === "ratio" ? expectation.parts : [expectation];
}

/** For example `p99 of gpu0 write faults in step 3`. */
export function measureText(expectation: Expectation): string {
  return leavesOf(expectation).map(leafText).join(" / ");
}

function leafText(measure: LeafMeasure): string {
  switch (measure.of) {
    case "fault": {
      const { percentile, take = "mean", stages } = measure;
      const what = percentile === undefined ? take : `p${percentile}`;
      const part = stages === undefined ? "" : `${stages.join(" + ")} of `;
      return `${what} of ${part}${faultsText(measure)}`;
    }
    case "faults":
      return `number of ${faultsText(measure)}`;
    case "time":
      return measure.step === "run" ? "time of the run" : `time of step ${measure.step}`;
    case "counter":
      return `counter ${measure.name} of ${measure.device}`;
    case "vmstat":
      return `vmstat ${measure.name}`;
  }
}

function faultsText({
  device,
  access,
  step,
}: Extract<LeafMeasure, { of: "fault" | "faults" }>): string {
  const who = device ?? (step === undefined ? "device" : undefined);
  const words = [who, access, "faults"].filter((word) => word !== undefined);
  return `${words.join(" ")}${step === undefined ? "" : ` in step ${step}`}`;
}

/** The bounds of an expectation in words: `at most 400us`, `2 within 5%`. */
export function boundsText({ at_least, at_most, value, within }: Expectation): string {
  const parts = [
    value === undefined ? [] : [within === undefined ? `${value}` : `${value} within ${within}`],
    at_least === undefined ? [] : [`at least ${at_least}`],
    at_most === undefined ? [] : [`at most ${at_most}`],
  ];
  return parts.flat().join(" and ");
}

/** A bound as the number that it is compared with: picoseconds, a count or a ratio. */
export function quantityOf(quantity: Quantity): number {
  return typeof quantity === "string" ? parseTimePs(quantity) : quantity;
}

/** A number of a run for people. */
export function numberText(value: number, dimension: Dimension): string {
  return dimension === "time" ? formatPs(Math.round(value)) : `${Math.round(value * 1e3) / 1e3}`;
}
