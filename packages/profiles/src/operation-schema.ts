// What happens in one operation, in the counts that a profile prices: the way to say what a
// published total is the total of.
import { EFFORT_KIND_NAMES } from "@faultline/core";
import { z } from "zod";
import { COPY_PATHS, STAGES } from "./vocabulary.ts";

/** A size such as 64KiB. */
export const sizeField = z
  .string()
  .regex(/^[1-9][0-9]*(B|KiB|MiB|GiB)$/, "a size is a whole number with B, KiB, MiB or GiB")
  .meta({ description: "A size with its unit: 64KiB, 2MiB, …" });

const count = z.number().min(0).default(0);
const effort = z.partialRecord(z.enum(EFFORT_KIND_NAMES), z.number().min(0)).default({});

/**
 * The zod schema of an operation; its type follows zod.
 * @beta
 */
export const operationSchema = z.strictObject({
  faults: count.meta({ description: "Faults served." }),
  batches: count.meta({ description: "Batches of faults." }),
  ranges: count.meta({ description: "Ranges served." }),
  first_ranges: count.meta({ description: "Ranges that the device had not used before." }),
  folios: count.meta({ description: "Folios, or entries that cover several pages." }),
  pages: count.meta({ description: "Base pages." }),
  flushes: count.meta({ description: "Flushes of the device's TLB." }),
  copies: z
    .array(
      z.strictObject({
        path: z.enum(COPY_PATHS).meta({ description: "From where to where." }),
        size: sizeField,
      }),
    )
    .default([])
    .meta({ description: "Transfers by the device." }),
  effort: effort.meta({ description: "Kernel effort: units of order 0, by kind." }),
  huge_effort: effort.meta({ description: "Kernel effort: units of higher orders, by kind." }),
  secondary_flushes: count.meta({
    description: "Flushes by a CPU that reach the TLB of a device bound to the address space.",
  }),
  stages: z.array(z.enum(STAGES)).optional().meta({
    description: "Stages that the total contains. Default: all.",
  }),
});

/** What happens in one operation. */
export type PricedOperation = z.infer<typeof operationSchema>;
