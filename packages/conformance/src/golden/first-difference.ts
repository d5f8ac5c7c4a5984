// The first place at which an answer is not the recorded one.
import { isObject } from "../json-shape.ts";

/** A place inside a value, and what stands there on both sides. */
export interface ValueDifference {
  /** Keys and list positions from the value as a whole; empty for itself. */
  readonly place: string;
  readonly expected: string;
  readonly actual: string;
}

/**
 * Compares what is recorded; what an answer has beyond that is not looked at.
 * @returns the first difference in the order of `expected`, or null.
 */
export function firstDifference(
  expected: unknown,
  actual: unknown,
  place = "",
): ValueDifference | null {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      return { place: join(place, "length"), ...shown(expected.length, actual.length) };
    }
    return firstOf(expected.keys(), (at) =>
      firstDifference(expected[at], actual[at], `${place}[${at}]`),
    );
  }
  if (isObject(expected) && isObject(actual)) {
    return firstOf(Object.keys(expected), (key) =>
      firstDifference(expected[key], actual[key], join(place, key)),
    );
  }
  return Object.is(expected, actual) ? null : { place, ...shown(expected, actual) };
}

function firstOf<Key>(
  keys: Iterable<Key>,
  compare: (key: Key) => ValueDifference | null,
): ValueDifference | null {
  for (const key of keys) {
    const found = compare(key);
    if (found !== null) return found;
  }
  return null;
}

function join(place: string, key: string): string {
  return place === "" ? key : `${place}.${key}`;
}

function shown(expected: unknown, actual: unknown): { expected: string; actual: string } {
  return { expected: show(expected), actual: show(actual) };
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
