// Whether the numbers of runs keep the bounds of an expectation, and by how much they do not.
import type { Place } from "@faultline/diagnostics";
import { median } from "d3-array";
import type { PlannedExpectation } from "../plan.ts";
import type { Expectation } from "../schema/expectation-schema.ts";
import { boundsText, dimensionOf, measureText, numberText, quantityOf } from "./measure-text.ts";

/** An expectation and what was found. */
export interface ExpectationReport {
  /** The number it is about, in words. */
  readonly what: string;
  /** Its bounds, in words. */
  readonly expected: string;
  /** The number in words; what is missing, where there is none. */
  readonly found: string;
  /** Picoseconds, a count or a ratio; null where the run has no such number. */
  readonly value: number | null;
  readonly isMet: boolean;
  /** How far outside of its bounds the number is, in words; null where it is inside. */
  readonly by: string | null;
  /** With repetitions: whether it is about each of them or about their median. */
  readonly over: Expectation["over"];
  /** Where it is written. */
  readonly place: Pick<Place, "file" | "line" | "column">;
}

/** A bound that is not kept. */
interface Excess {
  /** How far the number is from the bound. */
  readonly distance: number;
  readonly bound: number;
  readonly word: string;
}

/**
 * Looks at the numbers that a run, or several, have of an expectation.
 * @param values one, or with repetitions one of each; null where a run has none.
 */
export function judge(
  { expectation, place }: PlannedExpectation,
  values: readonly (number | null)[],
): ExpectationReport {
  const { over } = expectation;
  const dimension = dimensionOf(expectation);
  const value = decisive(expectation, values);
  const excess = value === null ? null : excessOf(expectation, value);
  const { file, line, column } = place;
  return {
    what: measureText(expectation),
    expected: boundsText(expectation),
    found: value === null ? "nothing to measure" : numberText(value, dimension),
    value,
    isMet: value !== null && excess === null,
    by: excess === null ? null : excessText(excess, expectation),
    over,
    place: { file, line, column },
  };
}

/** The median, or the number that is furthest from what is expected. */
function decisive(expectation: Expectation, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return null;
  if (expectation.over === "median") return median(known) ?? null;
  let worst = known[0] ?? null;
  let furthest = -1;
  for (const value of known) {
    const distance = excessOf(expectation, value)?.distance ?? -1;
    if (distance > furthest) [worst, furthest] = [value, distance];
  }
  return worst;
}

function excessOf(expectation: Expectation, value: number): Excess | null {
  const { at_least: least, at_most: most, value: wanted, within = "0%" } = expectation;
  const low = least === undefined ? null : quantityOf(least);
  const high = most === undefined ? null : quantityOf(most);
  if (low !== null && value < low) return { distance: low - value, bound: low, word: "too little" };
  if (high !== null && value > high) {
    return { distance: value - high, bound: high, word: "too much" };
  }
  if (wanted === undefined) return null;
  const bound = quantityOf(wanted);
  const distance = Math.abs(value - bound);
  if (distance * 100 <= bound * Number(within.slice(0, -1))) return null;
  return { distance, bound, word: value > bound ? "more" : "less" };
}

function excessText({ distance, bound, word }: Excess, expectation: Expectation): string {
  const amount = numberText(distance, dimensionOf(expectation));
  const percent = bound === 0 ? "" : ` (${Math.round((distance / bound) * 1e3) / 10} %)`;
  return `${amount}${percent} ${word}`;
}
