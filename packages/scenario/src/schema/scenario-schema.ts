// The document a user writes: version 1 of the scenario language.
import {
  DESIGN_NAMES,
  DESIGN_PRESETS,
  DESIGN_SWITCHES,
  type DesignName,
  type Designs,
} from "@faultline/core";
import { z } from "zod";
import { expectationSchema } from "./expectation-schema.ts";
import { nameField } from "./fields.ts";
import { machineSchema, machineSchemaWith } from "./machine-schema.ts";
import { stepSchema, stepSchemaWith } from "./step-schema.ts";

const settingsSchema = z
  .strictObject({
    transparent_hugepage: z
      .enum(["always", "madvise", "never"])
      .optional()
      .meta({ description: "Which memory gets huge pages at faults." }),
    use_zero_page: z
      .boolean()
      .optional()
      .meta({ description: "Whether reads share the huge zero page." }),
    max_ptes_none: z
      .int()
      .min(0)
      .max(511)
      .optional()
      .meta({ description: "khugepaged: pages that may be missing." }),
    max_ptes_swap: z
      .int()
      .min(0)
      .max(511)
      .optional()
      .meta({ description: "khugepaged: pages that may be swapped out." }),
    max_ptes_shared: z
      .int()
      .min(0)
      .max(511)
      .optional()
      .meta({ description: "khugepaged: pages that may be shared." }),
  })
  .meta({ description: "Run-time settings under their kernel names." });

/** One optional field for each switch. */
type DesignFields = {
  [Name in DesignName]: z.ZodOptional<z.ZodEnum<{ [Value in Designs[Name]]: Value }>>;
};

const designsSchema = z
  .strictObject({
    preset: z.enum(Object.keys(DESIGN_PRESETS)).optional().meta({
      description: "One of the designs that were proposed as a whole; other keys change it.",
    }),
    ...(Object.fromEntries(
      DESIGN_NAMES.map((name) => {
        const { values, about } = DESIGN_SWITCHES[name];
        return [name, z.enum(values).optional().meta({ description: about })];
      }),
    ) as unknown as DesignFields),
  })
  .meta({
    description: "Designs of cross-device HMM that differ from Linux 7.2: docs/open-questions.md.",
  });

const processSchema = z
  .strictObject({
    name: nameField,
    cpu: z.int().nonnegative().default(0).meta({ description: "The CPU it runs on." }),
  })
  .meta({ description: "A process that exists from the start." });

const profileField = z.union([z.string(), z.record(z.string(), z.string())]).meta({
  description:
    "Runs the scenario under a clock: the id of a profile for every device, or one by device." +
    " Default: no clock.",
});

const fileField = z.string().min(1).meta({ description: "A path from the folder of this file." });

/**
 * The zod schema of a whole scenario file; its type follows zod.
 * @beta
 */
export const scenarioSchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of the scenario language." }),
    title: z.string().min(1).meta({ description: "One line: what the scenario shows." }),
    description: z
      .string()
      .optional()
      .meta({ description: "More about the scenario, for people." }),
    extends: z
      .union([fileField, z.array(fileField).min(1)])
      .optional()
      .meta({
        description:
          "A scenario that this one is laid over, or several, the first at the bottom: mappings" +
          " are merged, everything else is replaced, and null takes a key away.",
      }),
    set: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description:
          "Values for single paths, laid over everything else: `steps.2.pages: 8`," +
          " `machine.devices.gpu0.stack: xe`.",
      }),
    machine: machineSchema.prefault({}),
    kernel: z
      .enum(["7.2.12", "7.2-fixed"])
      .default("7.2-fixed")
      .meta({ description: "7.2.12 behaves as released, 7.2-fixed without its known defects." }),
    profile: profileField.optional(),
    seed: z
      .int()
      .nonnegative()
      .optional()
      .meta({ description: "Of everything random. Default: 42." }),
    repetitions: z
      .int()
      .min(1)
      .max(1000)
      .default(1)
      .meta({
        description:
          "Under a clock: how often the scenario is run, each time with a seed of its own that" +
          " follows from the scenario's; results are shown over all of them.",
      }),
    settings: settingsSchema.prefault({}),
    designs: designsSchema.prefault({}),
    processes: z
      .array(processSchema)
      .min(1)
      .default([{ name: "app", cpu: 0 }])
      .meta({ description: "Processes that exist from the start." }),
    steps: z.array(stepSchema).min(1),
    expect: z.array(expectationSchema).default([]).meta({
      description: "What the whole run must come to.",
    }),
  })
  .meta({ id: "faultline-scenario", title: "Faultline scenario, version 1" });

/** What a program has brought along that a scenario names in one of a list of words. */
export interface OwnNames {
  readonly drivers: readonly string[];
  readonly patterns: readonly string[];
}

/** The schema with these names beside those of the package. */
export function scenarioSchemaWith({ drivers, patterns }: OwnNames): typeof scenarioSchema {
  if (drivers.length + patterns.length === 0) return scenarioSchema;
  return scenarioSchema.extend({
    machine: machineSchemaWith(drivers).prefault({}),
    steps: z.array(stepSchemaWith(patterns)).min(1),
  });
}

/** What stands in place of the steps of another scenario. */
const includeSchema = z
  .strictObject({ include: fileField })
  .meta({ description: "The steps of another scenario, as if they were written here." });

/** A scenario as it is written, before other files are put in their places. */
const writtenSchema = scenarioSchema.extend({
  steps: z
    .array(z.union([includeSchema, stepSchema]))
    .min(1)
    .meta({
      description: "What happens, one after another.",
    }),
});

/** A scenario file after validation, defaults filled in. */
export type ScenarioDocument = z.infer<typeof scenarioSchema>;

/** The JSON Schema of scenario files, for editors that complete and check while typing. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(writtenSchema, { io: "input", target: "draft-2020-12" });
}
