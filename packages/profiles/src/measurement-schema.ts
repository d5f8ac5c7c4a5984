// The schema of measurement documents: samples that somebody took on a machine, and which numbers
// of a profile they are samples of.
import { EFFORT_KIND_NAMES } from "@faultline/core";
import { z } from "zod";
import { DEVICE_CONSTANTS } from "./device-constants.ts";
import { unitField } from "./figure-schema.ts";
import { rateFields } from "./fit-rate.ts";
import { operationSchema } from "./operation-schema.ts";
import { idField } from "./profile-schema.ts";
import { EFFORT_BASIS_NAMES, STAGE_BASIS_NAMES, STAGES } from "./vocabulary.ts";

/** Fewer samples have a median, but nothing that says how far to trust it. */
const MIN_SAMPLES = 3;

const measurementSchema = z.strictObject({
  what: z.string().min(1).meta({ description: "One line: what was measured." }),
  field: z.string().optional().meta({
    description: "The number of the profile, such as costs.replay.per_fault. Without: a check.",
  }),
  share: z.array(z.string()).min(1).optional().meta({
    description:
      "Numbers that share the time that is left with the field, in the profile's proportion.",
  }),
  may_vanish: z.boolean().optional().meta({
    description: "The number is 0, and no error, where the others take all of the time.",
  }),
  operation: operationSchema.optional().meta({
    description: "What the samples are the time of. Default: the number itself.",
  }),
  unit: unitField,
  samples: z.array(z.number().min(0)).min(MIN_SAMPLES).optional().meta({
    description: "Each time by itself.",
  }),
  total: z.number().min(0).optional().meta({
    description: "What they add up to, where a counter has nothing else; with count.",
  }),
  count: z.int().positive().optional().meta({ description: "How many times the total has." }),
});

/**
 * The zod schema of a file of measurements; its type follows zod.
 * @beta
 */
export const measurementsSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of the measurement language." }),
    id: idField.meta({ description: "The id of the profile that comes out." }),
    title: z.string().min(1),
    extends: idField.meta({ description: "The shipped profile that is nearest." }),
    hardware: z.string().min(1),
    source: z.string().min(1).meta({ description: "Who measured, with what, and when." }),
    without: z.array(z.string()).optional().meta({
      description: "Inherited numbers that do not apply, such as effort.page_copy.bandwidth.",
    }),
    measurements: z.array(measurementSchema).min(1),
  })
  .meta({ id: "faultline-measurements", title: "Faultline measurements, version 1" });

/** Samples from a machine, as written. */
export type MeasurementsDocument = z.infer<typeof measurementsSchema>;

/** One set of samples. */
export type MeasurementDocument = MeasurementsDocument["measurements"][number];

/** The numbers that can be fitted: costs and prices, rates of copies, constants of the device. */
export function fittableFields(): string[] {
  return [
    ...STAGES.flatMap((stage) => STAGE_BASIS_NAMES.map((basis) => `costs.${stage}.${basis}`)),
    ...EFFORT_KIND_NAMES.flatMap((kind) =>
      EFFORT_BASIS_NAMES.map((basis) => `effort.${kind}.${basis}`),
    ),
    ...rateFields(),
    ...Object.keys(DEVICE_CONSTANTS).map((name) => `device.${name}`),
  ];
}

/** The JSON Schema of measurement documents. */
export function measurementsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(measurementsSchema, { io: "input", target: "draft-2020-12" });
}
