// Instants of a run as a program says them.
import { checkArgument, checkWholeNumber } from "@faultline/core";
import { MAX_TIME_PS } from "@faultline/sim";

/** Since the beginning of a run: whole picoseconds, or a time as scenarios write it: `3us`. */
export type Instant = number | `${number}${"ps" | "ns" | "us" | "ms" | "s"}`;

const PICOSECONDS: Readonly<Record<string, number>> = { ps: 1, ns: 1e3, us: 1e6, ms: 1e9, s: 1e12 };

/**
 * An instant in picoseconds.
 * @throws ArgumentError when it is none.
 */
export function instantPs(instant: Instant): number {
  if (typeof instant === "number") {
    checkWholeNumber(instant, "instant", 0, MAX_TIME_PS);
    return instant;
  }
  const [, count = "", unit = ""] = /^([0-9]+)(ps|ns|us|ms|s)$/.exec(instant) ?? [];
  checkArgument(count !== "", "instant", `${instant} is no whole number with ps, ns, us, ms or s`);
  const ps = Number(count) * (PICOSECONDS[unit] ?? 1);
  checkWholeNumber(ps, "instant", 0, MAX_TIME_PS);
  return ps;
}
