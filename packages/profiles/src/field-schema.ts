// A number in a profile as people write it. Which of the keys go together depends on where the
// number comes from, and is checked after the schema.
import { z } from "zod";
import { unitField } from "./figure-schema.ts";
import { operationSchema, type PricedOperation, sizeField } from "./operation-schema.ts";
import { CONFIDENCES, FIELD_KINDS } from "./vocabulary.ts";

/** How a value is drawn from its range. */
const drawField = z.enum(["uniform", "log-uniform"]).meta({
  description: "How a value is drawn from low..high. Default: log-uniform, uniform from 0.",
});

/** How a value is drawn from its range. */
export type Draw = "uniform" | "log-uniform";

const balanceSchema = z.strictObject({
  total: z.string().meta({ description: "The figure that the operation's prices sum up to." }),
  operation: operationSchema.meta({ description: "What happens in that time." }),
});

/** What a number is the rest of. */
export interface Balance {
  /** The figure that the operation's prices sum up to. */
  readonly total: string;
  /** What happens in that time. */
  readonly operation: PricedOperation;
}

/** The schema of one number with its origin. */
export const citedSchema = z.strictObject({
  figure: z.string().optional().meta({ description: "The figure it is: ID, or ID/NAME." }),
  divide: z.number().positive().optional().meta({
    description: "The figure is for so many; the field is for one.",
  }),
  bytes: sizeField.optional().meta({
    description: "The figure is the time of so many bytes; the field is their rate.",
  }),
  value: z
    .union([z.number(), z.string(), z.boolean()])
    .optional()
    .meta({ description: "The number itself, in its unit." }),
  unit: unitField.optional(),
  kind: z.enum(FIELD_KINDS).optional().meta({ description: "Where the number comes from." }),
  low: z.number().min(0).optional().meta({ description: "The least that it can be." }),
  high: z.number().min(0).optional().meta({ description: "The most that it can be." }),
  draw: drawField.optional(),
  from: z.array(z.string()).default([]).meta({ description: "Figures that the number rests on." }),
  source: z.string().optional().meta({
    description: "Who gives the number and where, when it is no figure of the table.",
  }),
  confidence: z.enum(CONFIDENCES).optional().meta({ description: "How sure the source is." }),
  how: z.string().optional().meta({ description: "fitted: how it was computed." }),
  reason: z.string().optional().meta({ description: "assumed: why this range." }),
  note: z.string().optional().meta({ description: "What a reader should know besides." }),
  balance: balanceSchema.optional().meta({
    description: "fitted: what is left of a total after everything else in an operation.",
  }),
});

/** A number in a profile as written. */
export type CitedDocument = z.infer<typeof citedSchema>;
