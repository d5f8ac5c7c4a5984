// Sizes and addresses on the command line: `94.5GiB`, `512MiB`, `0x1800000000`; and back to text.
import { InvalidArgumentError } from "commander";

const UNITS = ["TiB", "GiB", "MiB", "KiB"] as const;
const SHIFTS: Readonly<Record<string, bigint>> = {
  TiB: 40n,
  GiB: 30n,
  MiB: 20n,
  KiB: 10n,
  B: 0n,
};
const U64_MAX = (1n << 64n) - 1n;

/** An argument parser of commander for a number of bytes up to 2^64. */
export function parseByteSize(text: string): bigint {
  const size = readByteSize(text);
  if (size === null) {
    throw new InvalidArgumentError("It must be a size such as 96GiB, 94.5GiB or 0x1800000000.");
  }
  return size;
}

function readByteSize(text: string): bigint | null {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text);
  const match = /^(\d{1,20})(?:\.(\d{1,12}))?(B|KiB|MiB|GiB|TiB)?$/.exec(text);
  if (match === null) return null;
  const [, whole = "0", fraction = "", unit = "B"] = match;
  const scaled = BigInt(whole + fraction) << (SHIFTS[unit] ?? 0n);
  const scale = 10n ** BigInt(fraction.length);
  if (scaled % scale !== 0n || scaled / scale > U64_MAX) return null;
  return scaled / scale;
}

/** Bytes in the largest unit that leaves a whole number: `95 GiB`, `1103 MiB`, `12345 B`. */
export function formatByteSize(bytes: bigint): string {
  if (bytes === 0n) return "0";
  const unit = UNITS.find((one) => bytes % (1n << (SHIFTS[one] ?? 0n)) === 0n) ?? "B";
  return `${bytes >> (SHIFTS[unit] ?? 0n)} ${unit}`;
}

/** A number as 0x…. */
export function formatHex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
