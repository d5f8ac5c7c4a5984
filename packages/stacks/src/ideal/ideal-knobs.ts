// Parameters of the driver without limits.
import {
  findKnobProblems,
  type KnobProblem,
  type KnobTable,
  oneOf,
  takeKnobs,
} from "../device/check-knobs.ts";
import { IDEAL_PLACEMENTS } from "./placement-policy.ts";

/** All parameters. */
export interface IdealKnobs {
  /** Where pages go when the device faults on them: IDEAL_PLACEMENTS. @defaultValue in-place */
  readonly "ideal.placement": string;
}

/** The defaults. */
export const DEFAULT_IDEAL_KNOBS: IdealKnobs = { "ideal.placement": "in-place" };

/** @param placements names of policies beside those that there are. */
function tableWith(placements: Iterable<string>): KnobTable {
  const rules = { "ideal.placement": oneOf(...Object.keys(IDEAL_PLACEMENTS), ...placements) };
  return { page: "docs/drivers.md", rules };
}

/**
 * Every problem of given parameters.
 * @param placements names of policies beside those that there are.
 */
export function findIdealKnobProblems(
  given: Readonly<Record<string, unknown>>,
  placements: Iterable<string> = [],
): KnobProblem[] {
  return findKnobProblems(tableWith(placements), given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function idealKnobs(
  given: Readonly<Record<string, unknown>>,
  placements: Iterable<string> = [],
): IdealKnobs {
  return takeKnobs(tableWith(placements), DEFAULT_IDEAL_KNOBS, given);
}
