// The schema of profile documents. What it cannot say (figures that exist, keys that belong
// together, units that fit, totals that add up) is checked after it.
import { EFFORT_KIND_NAMES } from "@faultline/core";
import { z } from "zod";
import { DEVICE_CONSTANTS } from "./device-constants.ts";
import { citedSchema } from "./field-schema.ts";
import { operationSchema, sizeField } from "./operation-schema.ts";
import {
  COPY_PATHS,
  EFFORT_BASES,
  EFFORT_BASIS_NAMES,
  STACKS,
  STAGE_BASES,
  STAGE_BASIS_NAMES,
  STAGES,
} from "./vocabulary.ts";

/** A mapping whose keys are all optional and have one schema. */
function optionalKeys<Key extends string, Value extends z.ZodType>(
  keys: readonly Key[],
  value: (key: Key) => Value,
): Record<Key, z.ZodOptional<Value>> {
  const entries = keys.map((key) => [key, value(key).optional()]);
  return Object.fromEntries(entries) as Record<Key, z.ZodOptional<Value>>;
}

/** The id of a profile or target. */
export const idField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, "an id is of lower-case letters, digits and -")
  .meta({ description: "The name to choose it by: lower-case letters, digits and -." });

const bases = optionalKeys(STAGE_BASIS_NAMES, (basis) =>
  citedSchema.meta({ description: `Time per one: ${STAGE_BASES[basis]}.` }),
);

const covers = z.array(z.enum(EFFORT_KIND_NAMES)).optional().meta({
  description: "Kinds of kernel effort that these costs contain already.",
});

const stageSchema = z.strictObject({ covers, ...bases });

const copyPathSchema = z.strictObject({
  latency: citedSchema.optional().meta({ description: "Time of a transfer of no bytes." }),
  bandwidth: citedSchema.optional().meta({ description: "Bytes per time after that." }),
  points: z
    .array(
      z.strictObject({
        size: sizeField,
        time: citedSchema.meta({ description: "How long that takes." }),
      }),
    )
    .min(2)
    .optional()
    .meta({
      description: "Times of sizes, smallest first, instead; straight lines between and beyond.",
    }),
});

const copySchema = stageSchema.extend(
  optionalKeys(COPY_PATHS, (path) => {
    return copyPathSchema.meta({ description: `Transfers \`${path}\`.` });
  }),
);

const effortSchema = z.strictObject({
  ...optionalKeys(EFFORT_BASIS_NAMES, (basis) =>
    citedSchema.meta({ description: `Time per one: ${EFFORT_BASES[basis]}.` }),
  ),
  bandwidth: citedSchema.optional().meta({ description: "For kinds that count pages." }),
});

const constants = Object.keys(DEVICE_CONSTANTS);

/**
 * The zod schema of a profile document; its type follows zod.
 * @beta
 */
export const profileSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of the profile language." }),
    id: idField,
    title: z.string().min(1).meta({ description: "One line: which machine in which mode." }),
    extends: idField.optional().meta({ description: "The profile that this one changes." }),
    vendor: z.string().optional().meta({ description: "Who makes the device." }),
    hardware: z
      .string()
      .optional()
      .meta({ description: "The device and its host, as they were measured." }),
    mode: z.string().optional().meta({ description: "How faults are served." }),
    stack: z
      .enum<readonly string[]>(STACKS)
      .optional()
      .meta({ description: "The driver stack that runs." }),
    mostly_gap: z.boolean().optional().meta({ description: "Hardly anything is published." }),
    without: z.array(z.string()).default([]).meta({
      description: "Inherited fields that do not apply, such as costs.unmap.per_folio.",
    }),
    costs: z
      .strictObject({
        ...optionalKeys(
          STAGES.filter((stage) => stage !== "copy"),
          (stage) => stageSchema.meta({ description: `What stage \`${stage}\` costs.` }),
        ),
        copy: copySchema.optional().meta({ description: "What moving the data costs." }),
      })
      .default({})
      .meta({ description: "A device fault, stage by stage." }),
    effort: z
      .strictObject(
        optionalKeys(EFFORT_KIND_NAMES, (kind) => {
          return effortSchema.meta({ description: `What \`${kind}\` costs.` });
        }),
      )
      .default({})
      .meta({ description: "What the kernel does on a CPU, by kind of effort." }),
    device: z
      .strictObject(
        optionalKeys(constants, (name) => {
          return citedSchema.meta({ description: DEVICE_CONSTANTS[name]?.description });
        }),
      )
      .default({})
      .meta({ description: "Constants of the device and its links." }),
    policy: z.record(z.string(), citedSchema).default({}).meta({
      description: "Parameters of the driver, under their own names.",
    }),
    observed: z
      .record(
        z.string(),
        citedSchema.extend({
          operation: operationSchema.optional().meta({ description: "What was timed." }),
        }),
      )
      .default({})
      .meta({ description: "Totals and rates to compare with; they price nothing." }),
    effects: z
      .strictObject({
        fork: z.string().optional().meta({ description: "What a fork does." }),
        thp: z.string().optional().meta({ description: "What huge pages do." }),
        numa: z.string().optional().meta({ description: "What NUMA balancing does." }),
      })
      .default({})
      .meta({ description: "What fork, huge pages and NUMA balancing do on this machine." }),
    open: z.array(z.string()).default([]).meta({ description: "What nobody has published." }),
  })
  .meta({ id: "faultline-profile", title: "Faultline profile, version 1" });

/** The same, with more stacks to choose from. */
export function profileSchemaWith(stacks: readonly string[]): typeof profileSchema {
  if (stacks.length === 0) return profileSchema;
  const stack = z.enum<readonly string[]>([...STACKS, ...stacks]).optional();
  return profileSchema.extend({ stack });
}

/** A profile document after validation, defaults filled in. */
export type ProfileDocument = z.infer<typeof profileSchema>;

/** The JSON Schema of profile documents, for editors that complete and check while typing. */
export function profileJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(profileSchema, { io: "input", target: "draft-2020-12" });
}
