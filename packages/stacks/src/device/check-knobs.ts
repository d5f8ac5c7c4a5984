// Parameters of drivers, checked: each driver says what its own may be, and every problem is found
// at once.
import { ArgumentError } from "@faultline/core";

/** A parameter that cannot be taken. */
export interface KnobProblem {
  readonly name: string;
  /** What is wrong. */
  readonly problem: string;
  /** What may stand there. */
  readonly hint: string;
  /** Whether the driver has no such parameter at all. */
  readonly isUnknown: boolean;
}

/** What a parameter may be: a test, and the same in words. */
export type KnobRule = readonly [isFine: (value: unknown) => boolean, hint: string];

/** The parameters of a driver, and the page that explains them; "" for none. */
export interface KnobTable {
  readonly rules: Readonly<Record<string, KnobRule>>;
  readonly page: string;
}

/** Every problem of given parameters. */
export function findKnobProblems(
  { rules, page }: KnobTable,
  given: Readonly<Record<string, unknown>>,
): KnobProblem[] {
  return Object.entries(given).flatMap(([name, value]): KnobProblem[] => {
    if (!Object.hasOwn(rules, name)) {
      const names = Object.keys(rules);
      const known = page === "" ? `it has ${names.join(", ")}` : `${page} lists them`;
      const hint = names.length === 0 ? "it has none" : known;
      return [{ name, problem: "unknown to the driver", hint, isUnknown: true }];
    }
    const [isFine, hint] = rules[name] as KnobRule;
    if (isFine(value)) return [];
    const problem = typeof value === "number" ? "out of range:" : "cannot be";
    return [{ name, problem: `${problem} ${shown(value)}`, hint, isUnknown: false }];
  });
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function takeKnobs<T extends object>(table: KnobTable, defaults: T, given: object): T {
  const [first] = findKnobProblems(table, given as Readonly<Record<string, unknown>>);
  if (first !== undefined) {
    throw new ArgumentError(`knobs.${first.name}`, `${first.problem}; ${first.hint}`);
  }
  return { ...defaults, ...given };
}

/** On or off. */
export const SWITCH: KnobRule = [(value) => typeof value === "boolean", "true or false"];

/** A time: any number that is not negative. */
export const DURATION: KnobRule = [
  (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  "a number from 0 on",
];

/** A whole number; without `last`, as large as you like. */
export function wholeNumber(first: number, last: number = Number.MAX_SAFE_INTEGER): KnobRule {
  const range = last === Number.MAX_SAFE_INTEGER ? `${first} on` : `${first} to ${last}`;
  return [(value) => isWhole(value, first, last), `a whole number from ${range}`];
}

/** One of some words. */
export function oneOf(...words: readonly string[]): KnobRule {
  return [(value) => (words as readonly unknown[]).includes(value), words.join(", ")];
}

/** Whether a value is a whole number between two others, both included. */
export function isWhole(
  value: unknown,
  first: number,
  last: number = Number.MAX_SAFE_INTEGER,
): boolean {
  return Number.isSafeInteger(value) && Number(value) >= first && Number(value) <= last;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
