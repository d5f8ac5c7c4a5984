// The schema of what of a run a target's number is: one number of it, or several put together.
import { z } from "zod";
import { unitField } from "./figure-schema.ts";
import { STAGES } from "./vocabulary.ts";

const per = z.number().positive().default(1).meta({ description: "Divides the number." });
const stepNumber = z.int().positive().meta({ description: "Number of a step, from 1." });
const steps = z
  .union([stepNumber, z.literal("run"), z.array(stepNumber).min(1)])
  .meta({ description: "Number of a step, from 1; a list of them; or the whole `run`." });
const run = z.string().optional().meta({ description: "The run that it is of, by its name." });
const access = z.enum(["read", "write", "atomic", "prefetch"]).optional().meta({
  description: "Only faults of this access.",
});
const device = z.string().optional().meta({
  description: "A device, or `cpu`. Default: the faults of all devices.",
});

const time = z
  .strictObject({ of: z.literal("time"), step: steps, per, in: run })
  .meta({ description: "How long steps take." });

const fault = z
  .strictObject({
    of: z.literal("fault"),
    percentile: z.number().min(0).max(100).optional().meta({
      description: "Of the latencies. Default: their mean.",
    }),
    take: z.enum(["mean", "min", "max", "sum"]).optional().meta({
      description: "Of the latencies, in place of a percentile.",
    }),
    stages: z.array(z.enum(STAGES)).min(1).optional().meta({
      description: "Only the time in these stages. Default: all of it, waiting too.",
    }),
    device,
    access,
    per,
    in: run,
  })
  .meta({ description: "How long faults take." });

const faults = z
  .strictObject({ of: z.literal("faults"), device, access, per, in: run })
  .meta({ description: "How many faults there are." });

const rate = z
  .strictObject({
    of: z.literal("rate"),
    step: steps,
    amount: z.number().positive().meta({ description: "What the step moves: bytes, or pages." }),
    in: run,
  })
  .meta({ description: "An amount by the time of steps." });

const counter = z
  .strictObject({
    of: z.literal("counter"),
    device: z.string(),
    name: z.string().min(1).meta({ description: "The driver's own name of it." }),
    per,
    in: run,
  })
  .meta({ description: "What a device's driver has counted after the run." });

const number = z
  .strictObject({ of: z.literal("number"), value: z.number(), unit: unitField.default("count") })
  .meta({ description: "A number of the target's own." });

const leaves = [time, fault, faults, rate, counter, number] as const;
/**
 * The zod schema of a measure that is no other put together; its type follows zod.
 * @beta
 */
export const leafMeasureSchema = z.discriminatedUnion("of", leaves);

const two = { description: "The first, and what it is divided by, or what is taken from it." };

/** Measures put together of `part`. */
function joined<Part extends z.ZodType>(part: Part) {
  const pair = z.array(part).length(2).meta(two);
  const several = z.array(part).min(1);
  return [
    z.strictObject({ of: z.literal("ratio"), parts: pair, per, in: run }),
    z.strictObject({ of: z.literal("difference"), parts: pair, per, in: run }),
    z.strictObject({ of: z.literal("sum"), parts: several, per, in: run }),
    z.strictObject({ of: z.literal("product"), parts: several, per, in: run }),
  ] as const;
}

/** What can be a part of a measure: parts of parts are as deep as it gets. */
const partSchema = z.discriminatedUnion("of", [...leaves, ...joined(leafMeasureSchema)]);

/**
 * The zod schema of what of a run is the number; `per` divides it. Its type follows zod.
 * @beta
 */
export const measureSchema = z.discriminatedUnion("of", [...leaves, ...joined(partSchema)]);

/** What of a run is the number. */
export type Measure = z.infer<typeof measureSchema>;

/** A measure that is no other put together. */
export type LeafMeasure = z.infer<typeof leafMeasureSchema>;
