// The dimension of what a target measures.
import type { Measure } from "./measure-schema.ts";
import { isSameDimension, PLAIN, type Powers, quantityOf, TIME } from "./quantity.ts";
import type { Unit } from "./units.ts";

/** The dimension of a measure; null where parts do not go together. */
export function powersOf(measure: Measure): Powers | null {
  switch (measure.of) {
    case "number":
      return quantityOf(measure.unit).powers;
    case "time":
    case "fault":
      return TIME;
    case "rate":
      return { time: -1, bytes: 1 };
    case "faults":
    case "counter":
      return PLAIN;
    default:
      return joinedPowers(measure.of, measure.parts.map(powersOf));
  }
}

function joinedPowers(
  of: "ratio" | "difference" | "sum" | "product",
  parts: readonly (Powers | null)[],
): Powers | null {
  const known = parts.filter((part) => part !== null);
  const [first, ...others] = known;
  if (first === undefined || known.length < parts.length) return null;
  if (of === "sum" || of === "difference") {
    return others.every((other) => isSameDimension(other, first)) ? first : null;
  }
  const sign = of === "ratio" ? -1 : 1;
  const add = (a: Powers, b: Powers): Powers => ({
    time: a.time + sign * b.time,
    bytes: a.bytes + sign * b.bytes,
  });
  return others.reduce(add, first);
}

/** Whether a time is compared with a time for each GiB: what it is divided by is in GiB then. */
export function isTimePerGib(measure: Measure, unit: Unit): boolean {
  const powers = powersOf(measure);
  return unit === "ms/GiB" && powers !== null && isSameDimension(powers, TIME);
}
