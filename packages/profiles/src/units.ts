// Units of the numbers in profiles, and what the engine takes instead: integer picoseconds, bytes
// per second, bytes. GB is 10^9 bytes, GiB 2^30.

/** What a number measures. */
export type Dimension = "time" | "rate" | "size" | "plain";

/** A unit: what it measures, and what one of it is in ps, bytes per second or bytes. */
interface UnitDefinition {
  readonly dimension: Dimension;
  readonly factor: number;
}

const KIB = 1024;

/** Every unit that a profile can use. */
export const UNITS = {
  ps: { dimension: "time", factor: 1 },
  ns: { dimension: "time", factor: 1e3 },
  us: { dimension: "time", factor: 1e6 },
  ms: { dimension: "time", factor: 1e9 },
  s: { dimension: "time", factor: 1e12 },
  "B/s": { dimension: "rate", factor: 1 },
  "MB/s": { dimension: "rate", factor: 1e6 },
  "GB/s": { dimension: "rate", factor: 1e9 },
  "TB/s": { dimension: "rate", factor: 1e12 },
  "MiB/s": { dimension: "rate", factor: KIB ** 2 },
  "GiB/s": { dimension: "rate", factor: KIB ** 3 },
  B: { dimension: "size", factor: 1 },
  KiB: { dimension: "size", factor: KIB },
  MiB: { dimension: "size", factor: KIB ** 2 },
  GiB: { dimension: "size", factor: KIB ** 3 },
  count: { dimension: "plain", factor: 1 },
  percent: { dimension: "plain", factor: 1 },
  log2_pages: { dimension: "plain", factor: 1 },
  lapses: { dimension: "plain", factor: 1 },
  cycles: { dimension: "plain", factor: 1 },
  x: { dimension: "plain", factor: 1 },
  word: { dimension: "plain", factor: 1 },
  "ms/GiB": { dimension: "plain", factor: 1 },
  "Mpages/s": { dimension: "plain", factor: 1 },
  "GT/s": { dimension: "plain", factor: 1 },
  "flushes/s": { dimension: "plain", factor: 1 },
  "loops/s": { dimension: "plain", factor: 1 },
} as const satisfies Readonly<Record<string, UnitDefinition>>;

/** A unit that a profile can use. */
export type Unit = keyof typeof UNITS;

/** The names of the units. */
export const UNIT_NAMES = Object.keys(UNITS) as readonly Unit[];

/** Picoseconds, bytes per second or bytes of a number in its unit, a whole number; else itself. */
export function toEngine(value: number, unit: Unit): number {
  const { dimension, factor } = UNITS[unit];
  return dimension === "plain" ? value : Math.round(value * factor);
}

/** A whole number of picoseconds, bytes per second or bytes as a number in a unit. */
export function fromEngine(value: number, unit: Unit): number {
  return value / UNITS[unit].factor;
}

/** Picoseconds that a number of bytes takes at a rate. */
export function transferPs(nrBytes: number, bytesPerSecond: number): number {
  return Math.round((nrBytes * 1e12) / bytesPerSecond);
}
