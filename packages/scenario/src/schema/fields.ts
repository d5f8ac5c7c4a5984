// Fields that several parts of a scenario share, with the descriptions an editor shows.
import { z } from "zod";

/** A name that other parts of the document refer to. */
export const nameField: z.ZodString = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]*$/,
    "a name starts with a letter and goes on with letters, digits, _ or -",
  )
  .meta({ description: "A name of your choice: letters, digits, _ and -." });

/** A size such as 4KiB, 2MiB or 1GiB. */
export const sizeField: z.ZodString = z
  .string()
  .regex(/^[1-9][0-9]*(KiB|MiB|GiB|TiB)$/, "a size is a whole number with KiB, MiB, GiB or TiB")
  .meta({ description: "A size with its unit: 512MiB, 2GiB, …" });

/** A place in a mapping: `heap` or `heap+12`. */
export const placeField: z.ZodString = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]*(\+[0-9]+)?$/,
    "a place is a mapping, or mapping+page: heap, heap+12",
  )
  .meta({
    description: "A page of a mapping: `heap` is its first page, `heap+12` the thirteenth.",
  });

export const pagesField: z.ZodNumber = z
  .int()
  .positive()
  .meta({ description: "Number of pages. Default: up to the end of the mapping." });

/** Access rights of a mapping. */
export const protField: z.ZodEnum<{ none: "none"; r: "r"; rw: "rw"; w: "w" }> = z
  .enum(["none", "r", "rw", "w"])
  .meta({ description: "PROT_NONE, PROT_READ, PROT_READ|PROT_WRITE or PROT_WRITE." });

const bytesPer: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes of a text that `sizeField` accepts. */
export function parseSizeBytes(text: string): number {
  const unit = text.slice(-3);
  return Number(text.slice(0, -3)) * (bytesPer[unit] ?? 1);
}

/** A span of time such as 5ms. */
export const timeField: z.ZodString = z
  .string()
  .regex(/^[1-9][0-9]*(ps|ns|us|ms|s)$/, "a time is a whole number with ps, ns, us, ms or s")
  .meta({ description: "A span of time with its unit: 2us, 5ms, 1s." });

const picosecondsPer: Readonly<Record<string, number>> = {
  ps: 1,
  ns: 1e3,
  us: 1e6,
  ms: 1e9,
  s: 1e12,
};

/** Picoseconds of a text that `timeField` accepts. */
export function parseTimePs(text: string): number {
  const [, count = "0", unit = "s"] = /^([0-9]+)([a-z]+)$/.exec(text) ?? [];
  return Number(count) * (picosecondsPer[unit] ?? 1);
}
