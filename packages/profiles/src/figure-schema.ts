// The tables that numbers come from: sources, and figures that a source gives. A figure is stated
// once; profiles and targets refer to it by its id, or to one of its further numbers by ID/NAME.
import { z } from "zod";
import { CONFIDENCES } from "./vocabulary.ts";
import { UNIT_NAMES } from "./units.ts";

/** A unit of {@link UNIT_NAMES}. */
export const unitField = z.enum(UNIT_NAMES).meta({ description: "Unit of the number." });

const wordOrNumber = z.union([z.number(), z.string()]);

const sourceSchema = z.strictObject({
  title: z.string(),
  authors: z.string(),
  year: z.int(),
  where: z.string().meta({ description: "Where it is published: venue, DOI, list, repository." }),
  read: z.enum(["full", "abstract", "secondary", "recalled"]).meta({
    description:
      "How much of it was read: all that matters, its abstract, another text that quotes it," +
      " or nothing, the figures being from memory.",
  }),
});

/** The schema of the table of sources. */
export const sourcesSchema = z.strictObject({
  version: z.literal(1),
  sources: z.record(z.string(), sourceSchema),
});

/** Where figures were published, and how much of it was read. */
export interface FigureSource {
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  /** Where it is published: venue, DOI, list, repository. */
  readonly where: string;
  /** How much of it was read. */
  readonly read: "full" | "abstract" | "secondary" | "recalled";
}

const setupFields = {
  hardware: z.string().optional(),
  software: z.string().optional(),
  method: z.string().optional(),
};

/**
 * The zod schema of a figure; its type follows zod.
 * @beta
 */
export const figureSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(\.[a-z0-9_]+)+$/),
  what: z.string(),
  topic: z.string().meta({ description: "What it is about: copy, fork, cow, granularity, …" }),
  value: wordOrNumber.optional().meta({ description: "Missing where a source gives no number." }),
  unit: unitField.optional(),
  per: z.string().optional().meta({ description: "One of what the number is for." }),
  low: z.number().optional(),
  high: z.number().optional(),
  tail: z.number().optional().meta({ description: "The tail that the source gives, often a p99." }),
  spread: z.string().optional(),
  more: z
    .record(
      z.string(),
      z.strictObject({
        value: wordOrNumber,
        unit: unitField,
        computed: z.boolean().default(false).meta({ description: "Computed from the number." }),
      }),
    )
    .default({})
    .meta({ description: "Further numbers of the same measurement, by name." }),
  setup: z.string().optional(),
  ...setupFields,
  source: z.string(),
  confidence: z.enum(CONFIDENCES).exclude(["estimate"]),
  derived_from: z.array(z.string()).default([]).meta({
    description: "Figures that this one was computed from.",
  }),
  note: z.string().optional(),
});

/** The schema of a file of figures. */
export const figuresSchema = z.strictObject({
  version: z.literal(1),
  setups: z.record(z.string(), z.strictObject(setupFields)).default({}),
  figures: z.array(figureSchema),
});

/** A figure as written. */
export type FigureDocument = z.infer<typeof figureSchema>;
