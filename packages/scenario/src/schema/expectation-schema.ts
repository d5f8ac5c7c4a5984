// What a whole run must come to: one number of it, or the ratio of two, and its bounds.
import { VM_EVENT_NAMES } from "@faultline/core";
import { ACTIVITY_NAMES } from "@faultline/sim";
import { z } from "zod";
import { nameField, timeField } from "./fields.ts";

const stepNumber = z.int().positive();

const who = {
  device: nameField.optional().meta({
    description:
      "A device, or `cpu`. Default: whoever touches pages in the step, else all devices together.",
  }),
  access: z.enum(["read", "write", "atomic", "prefetch"]).optional().meta({
    description: "Only faults of this access.",
  }),
  step: stepNumber.optional().meta({
    description:
      "Number of a step, from 1: only faults of its process in its pages that begin while it goes" +
      " on.",
  }),
};

const fault = z
  .strictObject({
    of: z.literal("fault"),
    percentile: z.number().min(0).max(100).optional().meta({
      description: "Of the latencies, such as 50, 99 or 99.9. Default: their mean.",
    }),
    take: z.enum(["mean", "min", "max", "sum"]).optional().meta({
      description: "Of the latencies, in place of a percentile.",
    }),
    stages: z.array(z.enum(ACTIVITY_NAMES)).min(1).optional().meta({
      description: "Only the time in these stages and waits. Default: all of it.",
    }),
    ...who,
  })
  .meta({ description: "How long faults take." });

const faults = z
  .strictObject({ of: z.literal("faults"), ...who })
  .meta({ description: "How many faults there are." });

const time = z
  .strictObject({
    of: z.literal("time"),
    step: z.union([stepNumber, z.literal("run")]).meta({
      description: "Number of a step, from 1, or the whole `run`.",
    }),
  })
  .meta({ description: "How long a step takes." });

const counter = z
  .strictObject({
    of: z.literal("counter"),
    device: nameField.meta({ description: "A device of the machine." }),
    name: z.string().min(1).meta({ description: "The driver's own name of it." }),
  })
  .meta({ description: "What a device's driver has counted at the end." });

const vmstat = z
  .strictObject({
    of: z.literal("vmstat"),
    name: z.enum(VM_EVENT_NAMES).meta({ description: "Its name in /proc/vmstat." }),
  })
  .meta({ description: "What the kernel has counted at the end: docs/vmstat.md." });

const leaves = [fault, faults, time, counter, vmstat] as const;
const leafSchema = z.discriminatedUnion("of", leaves);

const quantity = z.union([timeField, z.number().nonnegative()]);

const bounds = {
  at_least: quantity.optional().meta({
    description: "Not less than this: a time with its unit, a count, or a ratio.",
  }),
  at_most: quantity.optional().meta({ description: "Not more than this." }),
  value: quantity.optional().meta({ description: "About this, `within` so much of it." }),
  within: z
    .string()
    .regex(/^[0-9]+(\.[0-9]+)?%$/, "a tolerance is a number with %")
    .optional()
    .meta({ description: "With `value`: how far from it, such as 5%. Default: not at all." }),
  over: z
    .enum(["each", "median"])
    .default("each")
    .meta({
      description:
        "With `repetitions`: whether it holds for the number of each of them, or for the median" +
        " of their numbers.",
    }),
};

const ratio = z
  .strictObject({
    of: z.literal("ratio"),
    parts: z
      .array(leafSchema)
      .length(2)
      .meta({ description: "The first, and what it is divided by; both times, or both counts." }),
    ...bounds,
  })
  .meta({ description: "How often one number is in another one." });

/**
 * The zod schema of one entry of `expect:`; its type follows zod.
 * @beta
 */
export const expectationSchema = z
  .discriminatedUnion("of", [
    fault.extend(bounds),
    faults.extend(bounds),
    time.extend(bounds),
    counter.extend(bounds),
    vmstat.extend(bounds),
    ratio,
  ])
  .meta({
    description:
      "What the whole run must come to; times and faults need a clock, and hold at the prices" +
      " that the scenario names.",
  });

/** One entry of `expect:` after validation. */
export type Expectation = z.infer<typeof expectationSchema>;

/** One number of a run. */
export type LeafMeasure = z.infer<typeof leafSchema>;

/** A bound: a time with its unit, a count or a ratio. */
export type Quantity = z.infer<typeof quantity>;
