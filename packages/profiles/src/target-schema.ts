// The schema of target documents: what was measured on a real machine, and how near to it a profile
// has to come. Which roles a target can have is checked after it.
import { z } from "zod";
import { unitField } from "./figure-schema.ts";
import { operationSchema } from "./operation-schema.ts";
import { measureSchema } from "./measure-schema.ts";
import { profileSchema } from "./profile-schema.ts";

/** What a target shows, with how near a profile has to come unless the target says otherwise. */
export const TARGET_ROLES = {
  reproduction: { tolerancePercent: 1, means: "its figure is part of the profile" },
  prediction: { tolerancePercent: 20, means: "nothing of the profile was fitted to it" },
  shape: { tolerancePercent: null, means: "order and ratio, not the number itself" },
} as const;

/** What a target shows. */
export type TargetRole = keyof typeof TARGET_ROLES;

const numberField = z.union([z.number(), z.string()], {
  error: "a number, or the id of a figure",
});

const publishedSchema = z.strictObject({
  figure: z.string().optional().meta({ description: "The figure it is: ID, or ID/NAME." }),
  value: z.number().optional(),
  unit: unitField.optional(),
  values: z.record(z.string(), numberField).optional().meta({
    description: "Several numbers by name, for an `order`: in the unit, or figures.",
  }),
  low: z.number().optional().meta({ description: "The least that was measured, in the unit." }),
  high: z.number().optional().meta({ description: "The most that was measured, in the unit." }),
  source: z.string().optional().meta({ description: "Who gives the number and where." }),
  place: z.string().optional().meta({
    description: "Where in the source: a table, a page, a line.",
  }),
  from: z.array(z.string()).default([]).meta({
    description: "Figures that the number was computed from.",
  }),
});

const knob = z.union([z.number(), z.string(), z.boolean()]);

const scenarioField = z.record(z.string(), z.unknown()).meta({
  description:
    "A scenario that runs it, written out; or `file`, its path from this file, and `with`, what" +
    " is different: mappings are merged, everything else is replaced.",
});

const profileChanges = profileSchema
  .pick({ costs: true, effort: true, device: true, policy: true })
  .partial()
  .meta({ description: "Numbers in place of the profile's, written as in a profile." });

const runSchema = z.strictObject({
  scenario: scenarioField.optional().meta({ description: "Default: the target's." }),
  with: z.record(z.string(), z.unknown()).optional().meta({
    description: "What is different from the scenario: laid over it.",
  }),
  profile: z.string().optional().meta({ description: "Default: each of the target's." }),
  profile_with: profileChanges.optional().meta({ description: "Default: the target's." }),
});

const targetSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "an id is of letters, digits, ., _ and -"),
  what: z.string().min(1).meta({ description: "One line: what was measured." }),
  published: publishedSchema.meta({ description: "A figure, or a value, unit and source." }),
  role: z.enum(["reproduction", "prediction", "shape"]),
  tolerance_percent: z.number().positive().optional().meta({
    description: "Default: 1 for a reproduction, 20 for a prediction; a shape gives its own.",
  }),
  profiles: z.array(z.string()).default([]).meta({
    description: "The profiles it is for, by ids or paths; needless where each run has its own.",
  }),
  profile_with: profileChanges.optional(),
  run: z.string().optional().meta({ description: "What was run." }),
  knobs: z.record(z.string(), knob).default({}).meta({
    description: "What a scenario sets to run it: sizes, threads, modes.",
  }),
  operation: operationSchema.optional().meta({
    description: "The operation that the number is the time of, where one is enough.",
  }),
  scenario: scenarioField.optional(),
  runs: z.record(z.string(), runSchema).optional().meta({
    description: "Several runs by name, for measures that compare them.",
  }),
  measure: measureSchema.optional().meta({ description: "What of the scenario's run it is." }),
  order: z.record(z.string(), measureSchema).optional().meta({
    description: "Measures by the names of `published.values`, which have to be in that order.",
  }),
  not_run: z.string().min(1).optional().meta({ description: "Why nothing is run for it." }),
  fitted_with: z.array(z.string()).default([]).meta({
    description: "Figures that a profile was fitted with and that this number rests on too.",
  }),
  caveat: z.string().optional(),
  miss: z.string().min(1).optional().meta({
    description: "Why it is missed, where that is known; it stays missed.",
  }),
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
