// Units of axes: the one in which the largest number has few digits.

/** A unit and how much of the base is one of it. */
export interface Unit {
  readonly name: string;
  readonly size: number;
}

const TIMES: readonly Unit[] = [
  { name: "ps", size: 1 },
  { name: "ns", size: 1e3 },
  { name: "us", size: 1e6 },
  { name: "ms", size: 1e9 },
  { name: "s", size: 1e12 },
];

const SIZES: readonly Unit[] = [
  { name: "bytes", size: 1 },
  { name: "KiB", size: 2 ** 10 },
  { name: "MiB", size: 2 ** 20 },
  { name: "GiB", size: 2 ** 30 },
  { name: "TiB", size: 2 ** 40 },
];

/** The unit for times up to this many picoseconds. */
export function timeUnit(maxPs: number): Unit {
  return unitOf(TIMES, maxPs);
}

/** The unit for sizes up to this many bytes. */
function sizeUnit(maxBytes: number): Unit {
  return unitOf(SIZES, maxBytes);
}

/** A number with three digits at most behind which nothing is missed, without an exponent. */
export function shortNumber(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return String(Number(value.toFixed(Math.min(6, digits))));
}

/** `1.25 MiB`. */
export function sizeText(bytes: number): string {
  const { name, size } = sizeUnit(bytes);
  return `${shortNumber(bytes / size)} ${name}`;
}

/** `44.5 us`. */
export function timeText(ps: number): string {
  const { name, size } = timeUnit(ps);
  return `${shortNumber(ps / size)} ${name}`;
}

/** A share of 0 to 1 with one digit behind the point: `12.3 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.05 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}

function unitOf(units: readonly Unit[], max: number): Unit {
  return units.findLast(({ size }) => size <= max) ?? (units[0] as Unit);
}
