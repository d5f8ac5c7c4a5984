// Simulated time: whole picoseconds in a number. One byte at 900 GB/s takes 1.1 ps, and 2^53 ps are
// two and a half hours, so nothing finer is needed and a run that needs more is a mistake.
import { checkWholeNumber } from "@faultline/core";

/** Picoseconds in a nanosecond. */
export const PS_PER_NS = 1e3;
/** Picoseconds in a microsecond. */
export const PS_PER_US = 1e6;
/** Picoseconds in a millisecond. */
export const PS_PER_MS = 1e9;
/** Picoseconds in a second. */
export const PS_PER_S = 1e12;

/** The last instant there can be, 2^53 - 1 ps: 2.5 hours. */
export const MAX_TIME_PS: number = Number.MAX_SAFE_INTEGER;

/** Throws `ArgumentError` unless the value is a whole number of picoseconds, 0 or more. */
export function checkPs(value: number, argument: string): void {
  checkWholeNumber(value, argument, 0, MAX_TIME_PS);
}

const UNITS: readonly (readonly [string, number])[] = [
  ["s", PS_PER_S],
  ["ms", PS_PER_MS],
  ["us", PS_PER_US],
  ["ns", PS_PER_NS],
];

/** A time for people: `2.5 us`, with at most three decimals. */
export function formatPs(ps: number): string {
  const [name, size] = UNITS.find(([, unit]) => ps >= unit) ?? ["ps", 1];
  return `${Math.round((ps / size) * 1000) / 1000} ${name}`;
}
