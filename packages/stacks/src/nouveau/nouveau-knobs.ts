// Parameters of nouveau, under the names that scenarios use. Defaults are those of Linux 7.2.
import {
  findKnobProblems,
  type KnobProblem,
  type KnobRule,
  type KnobTable,
  oneOf,
  takeKnobs,
  wholeNumber,
} from "../device/check-knobs.ts";

/** Generations of GPUs, oldest first, by the driver's names. */
export const NOUVEAU_FAMILIES = ["pascal", "volta", "turing", "ampere", "ada"] as const;

/** One of them. */
export type NouveauFamily = (typeof NOUVEAU_FAMILIES)[number];

/** All parameters. */
export interface NouveauKnobs {
  /**
   * Entries of the fault buffer that are read, sorted and replayed together; 0 for all there are.
   * @defaultValue 0
   */
  readonly "nouveau.batch": number;
  /** Shared memory is switched off on everything newer than Pascal. @defaultValue "pascal" */
  readonly "nouveau.family": NouveauFamily;
}

/** nouveau in 7.2, on a GPU that it shares memory with. */
export const DEFAULT_NOUVEAU_KNOBS: NouveauKnobs = {
  "nouveau.batch": 0,
  "nouveau.family": "pascal",
};

const TABLE: KnobTable = {
  page: "docs/drivers.md",
  rules: {
    "nouveau.batch": wholeNumber(0),
    "nouveau.family": oneOf(...NOUVEAU_FAMILIES),
  } satisfies Record<keyof NouveauKnobs, KnobRule>,
};

/** Every problem of given parameters. */
export function findNouveauKnobProblems(given: Readonly<Record<string, unknown>>): KnobProblem[] {
  return findKnobProblems(TABLE, given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function nouveauKnobs(given: object): NouveauKnobs {
  return takeKnobs(TABLE, DEFAULT_NOUVEAU_KNOBS, given);
}
