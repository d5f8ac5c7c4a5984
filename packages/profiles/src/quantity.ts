// Numbers with their dimension, so that what was published and what was computed from a run can be
// compared: powers of picoseconds and of bytes.
import { type Unit, UNITS } from "./units.ts";

/** Powers of time and of bytes: a rate in bytes is { time: -1, bytes: 1 }. */
export interface Powers {
  readonly time: number;
  readonly bytes: number;
}

/** A number in picoseconds and bytes, to their powers. */
export interface Quantity {
  readonly value: number;
  readonly powers: Powers;
}

/** A number without a unit. */
export const PLAIN: Powers = { time: 0, bytes: 0 };
/** A time. */
export const TIME: Powers = { time: 1, bytes: 0 };
/** A size. */
const BYTES: Powers = { time: 0, bytes: 1 };
const RATE: Powers = { time: -1, bytes: 1 };

const PS_PER_S = 1e12;

/** Units whose dimension is neither a time, a size nor bytes by time. */
const SPECIAL: Partial<Record<Unit, Quantity>> = {
  percent: { value: 0.01, powers: PLAIN },
  "ms/GiB": { value: 1e9 / 1024 ** 3, powers: { time: 1, bytes: -1 } },
  "Mpages/s": { value: 1e6 / PS_PER_S, powers: { time: -1, bytes: 0 } },
  "GT/s": { value: 1e9 / PS_PER_S, powers: { time: -1, bytes: 0 } },
  "flushes/s": { value: 1 / PS_PER_S, powers: { time: -1, bytes: 0 } },
  "loops/s": { value: 1 / PS_PER_S, powers: { time: -1, bytes: 0 } },
};

/** What one of a unit is. */
export function quantityOf(unit: Unit): Quantity {
  const special = SPECIAL[unit];
  if (special !== undefined) return special;
  const { dimension, factor } = UNITS[unit];
  if (dimension === "time") return { value: factor, powers: TIME };
  if (dimension === "size") return { value: factor, powers: BYTES };
  if (dimension === "rate") return { value: factor / PS_PER_S, powers: RATE };
  return { value: 1, powers: PLAIN };
}

/** Whether two dimensions are the same. */
export function isSameDimension(a: Powers, b: Powers): boolean {
  return a.time === b.time && a.bytes === b.bytes;
}
