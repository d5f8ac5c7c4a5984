// The schema of target documents: what was measured on a real machine, and how near to it a profile
// has to come. Which roles a target can have is checked after it.
import { z } from "zod";
import { unitField } from "./figure-schema.ts";
import { operationSchema } from "./operation-schema.ts";
import { idField } from "./profile-schema.ts";
import { STAGES } from "./vocabulary.ts";

/** What a target shows, with how near a profile has to come unless the target says otherwise. */
export const TARGET_ROLES = {
  reproduction: { tolerancePercent: 1, means: "its figure is part of the profile" },
  prediction: { tolerancePercent: 20, means: "nothing of the profile was fitted to it" },
  shape: { tolerancePercent: null, means: "order and ratio, not the number itself" },
} as const;

/** What a target shows. */
export type TargetRole = keyof typeof TARGET_ROLES;

const publishedSchema = z.strictObject({
  figure: z.string().optional().meta({ description: "The figure it is: ID, or ID/NAME." }),
  value: z.number().optional(),
  unit: unitField.optional(),
  source: z.string().optional().meta({ description: "Who gives the number and where." }),
});

const count = z.number().positive().default(1);
const stepNumber = z.int().positive().meta({ description: "Number of a step, from 1." });

/** What of a run is the number; `per` divides it. */
export const measureSchema = z.discriminatedUnion("of", [
  z
    .strictObject({ of: z.literal("time"), step: stepNumber, per: count })
    .meta({ description: "How long a step takes." }),
  z
    .strictObject({
      of: z.literal("fault"),
      percentile: z.int().min(1).max(100).optional().meta({
        description: "Of the latencies. Default: their mean.",
      }),
      stages: z.array(z.enum(STAGES)).optional().meta({
        description: "Only the time in these stages. Default: all of it, waiting too.",
      }),
      device: z.string().optional().meta({ description: "Default: the faults of all devices." }),
      per: count,
    })
    .meta({ description: "How long faults of devices take." }),
  z
    .strictObject({ of: z.literal("faults"), device: z.string().optional(), per: count })
    .meta({ description: "How many faults devices have." }),
  z
    .strictObject({
      of: z.literal("rate"),
      step: stepNumber,
      amount: z.number().positive().meta({ description: "What the step moves: bytes, or pages." }),
    })
    .meta({ description: "An amount by the time of a step." }),
]);

/** What of a run is the number. */
export type Measure = z.infer<typeof measureSchema>;

const knob = z.union([z.number(), z.string(), z.boolean()]);

const targetSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "an id is of letters, digits, ., _ and -"),
  what: z.string().min(1).meta({ description: "One line: what was measured." }),
  published: publishedSchema.meta({ description: "A figure, or a value, unit and source." }),
  role: z.enum(["reproduction", "prediction", "shape"]),
  tolerance_percent: z.number().positive().optional().meta({
    description: "Default: 1 for a reproduction, 20 for a prediction; a shape gives its own.",
  }),
  profiles: z.array(idField).min(1).meta({ description: "The profiles it is for." }),
  run: z.string().optional().meta({ description: "What was run." }),
  knobs: z.record(z.string(), knob).default({}).meta({
    description: "What a scenario sets to run it: sizes, threads, modes.",
  }),
  operation: operationSchema.optional().meta({
    description: "The operation that the number is the time of, where one is enough.",
  }),
  scenario: z.record(z.string(), z.unknown()).optional().meta({
    description: "A scenario that runs it, written out; at the prices of each profile.",
  }),
  measure: measureSchema.optional().meta({ description: "What of the scenario's run it is." }),
  fitted_with: z.array(z.string()).default([]).meta({
    description: "Figures that a profile was fitted with and that this number rests on too.",
  }),
  caveat: z.string().optional(),
});

/** The schema of a file of targets. */
export const targetsSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of the target language." }),
    targets: z.array(targetSchema).min(1),
  })
  .meta({ id: "faultline-targets", title: "Faultline validation targets, version 1" });

/** One target as written. */
export type TargetDocument = z.infer<typeof targetSchema>;

/** The JSON Schema of target documents. */
export function targetsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(targetsSchema, { io: "input", target: "draft-2020-12" });
}
