// Fields of machine documents with the descriptions an editor shows, and how their texts are read.
import { z } from "zod";

/** A name that other parts of the document refer to. */
export const nameField: z.ZodString = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]*$/,
    "a name starts with a letter and goes on with letters, digits, _, . or -",
  )
  .meta({ description: "A name of your choice: letters, digits, _, . and -." });

/** A size such as 64KiB or 16GiB. */
export const sizeField: z.ZodString = z
  .string()
  .regex(
    /^[1-9][0-9]*(B|KiB|MiB|GiB|TiB)$/,
    "a size is a whole number with B, KiB, MiB, GiB or TiB",
  )
  .meta({ description: "A size with its unit: 64KiB, 16GiB, …" });

/** A byte address, as 0x… without quotes up to 2^53 or with quotes up to 64 bits. */
export const addressField: z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> = z
  .union([
    z.int().nonnegative(),
    z.string().regex(/^0x[0-9a-fA-F]{1,16}$/, "an address is a hexadecimal number: 0x1000"),
  ])
  .meta({ description: "A byte address, such as 0x38000000000." });

/** A PCI address such as 0000:3b:00.0; the domain may be left out. */
export const pciAddressField: z.ZodString = z
  .string()
  .regex(
    /^([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\.[0-7]$/,
    "an address is [domain:]bus:device.function in hexadecimal, such as 3b:00.0",
  )
  .meta({ description: "Address as lspci prints it: bus:device.function, or with its domain." });

/** A root bus such as 0000:00. */
export const busField: z.ZodString = z
  .string()
  .regex(/^([0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}$/, "a bus is [domain:]bus in hexadecimal: 0000:40")
  .meta({ description: 'Number of the root bus, in quotes: "40", or "0000:40" with its domain.' });

/** Vendor and device id such as 8086:2030. */
export const idField: z.ZodString = z
  .string()
  .regex(/^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$/, "an id is vendor:device in hexadecimal: 8086:2030")
  .meta({ description: 'Vendor and device id, in quotes: "1002:740c".' });

/** A rate of a link, such as 50GB/s: decimal units, at most three digits after the point. */
export const bandwidthField: z.ZodString = z
  .string()
  .regex(
    /^(?!0+(\.0+)?[KMGT])\d+(\.\d{1,3})?(KB|MB|GB|TB)\/s$/,
    "a bandwidth is a number with KB/s, MB/s, GB/s or TB/s: 50GB/s",
  )
  .meta({ description: "Bytes per second in each direction, decimal units: 50GB/s, 37.5GB/s." });

/** A time such as 700ns: at most three digits after the point, whole picoseconds. */
export const latencyField: z.ZodString = z
  .string()
  .regex(
    /^(?!0+(\.0+)?[pnum])(\d+ps|\d+(\.\d{1,3})?(ns|us|ms))$/,
    "a latency is a number with ps, ns, us or ms: 700ns",
  )
  .meta({ description: "Time of the first byte from end to end: 700ns, 1.2us." });

/** A CPU number or a range of them, such as 0-63. */
export const cpusField: z.ZodUnion<readonly [z.ZodInt, z.ZodString]> = z
  .union([
    z.int().min(0).max(8191),
    z.string().regex(/^\d{1,4}-\d{1,4}$/, "CPUs are numbers and ranges: 0, 0-63"),
  ])
  .meta({ description: "A CPU number, or a range such as 0-63." });

/** Where a number comes from. */
export const sourceField: z.ZodString = z.string().min(1).meta({
  description: "Where the numbers come from, in words; what nobody publishes says so: assumed.",
});

const bytesPer: Readonly<Record<string, bigint>> = {
  B: 1n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
  TiB: 1n << 40n,
};

/** Bytes of a text that `sizeField` accepts. */
export function parseSizeBytes(text: string): bigint {
  const [, digits = "0", unit = "B"] = /^(\d+)(.*)$/.exec(text) ?? [];
  return BigInt(digits) * (bytesPer[unit] ?? 1n);
}

/** The smallest power of two that is not below a number of bytes. */
export function powerOfTwoAbove(bytes: bigint): bigint {
  let power = 1n;
  while (power < bytes) power <<= 1n;
  return power;
}

/** Bytes as a text that `sizeField` accepts, in the largest unit that divides them. */
export function formatSize(sizeBytes: bigint): string {
  const units = Object.entries(bytesPer).toReversed();
  const [unit, bytes] = units.find(([, one]) => sizeBytes % one === 0n) ?? ["B", 1n];
  return `${sizeBytes / bytes}${unit}`;
}

/** The root bus that a text which `busField` accepts names. */
export function parseBus(text: string): { readonly domain: number; readonly bus: number } {
  const [bus = "0", domain = "0"] = text.split(":").toReversed();
  return { domain: Number.parseInt(domain, 16), bus: Number.parseInt(bus, 16) };
}

/** The numbers of a text that `idField` accepts. */
export function parseId(text: string): { readonly vendor: number; readonly device: number } {
  const [vendor = "0", device = "0"] = text.split(":");
  return { vendor: Number.parseInt(vendor, 16), device: Number.parseInt(device, 16) };
}

const bytesPerSec: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes per second of a text that `bandwidthField` accepts. */
export function parseBandwidth(text: string): number {
  const [, value = "0", unit = "KB"] = /^([\d.]+)(.B)/.exec(text) ?? [];
  return thousandths(value) * ((bytesPerSec[unit] ?? 0) / 1000);
}

const picosecondsPer: Readonly<Record<string, number>> = { ns: 1e3, us: 1e6, ms: 1e9 };

/** Picoseconds of a text that `latencyField` accepts. */
export function parseLatencyPs(text: string): number {
  const [, value = "0", unit = "ps"] = /^([\d.]+)(.s)$/.exec(text) ?? [];
  if (unit === "ps") return Number(value);
  return thousandths(value) * ((picosecondsPer[unit] ?? 0) / 1000);
}

/** A decimal text times 1000, without the rounding of a binary fraction. */
function thousandths(value: string): number {
  const [whole = "0", fraction = ""] = value.split(".");
  return Number(whole) * 1000 + Number(fraction.padEnd(3, "0"));
}

/** The CPUs of a list of numbers and ranges, in the order given. */
export function parseCpus(entries: readonly (number | string)[]): number[] {
  return entries.flatMap((entry) => {
    if (typeof entry === "number") return [entry];
    const [first = 0, last = 0] = entry.split("-").map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}
