// The shipped figures and their sources, and how a reference to one is followed.
import {
  type FigureDocument,
  figuresSchema,
  type FigureSource,
  sourcesSchema,
} from "./figure-schema.ts";
import { figureTables, sourceTable } from "./shipped/figures-data.ts";
import type { Unit } from "./units.ts";
import type { Confidence } from "./vocabulary.ts";

/** One number that a source gives, with the machine it was taken on. */
export interface Figure extends FigureDocument {
  readonly hardware: string;
  readonly software: string;
  readonly method: string;
  readonly citation: FigureSource;
}

/** A number, or a word, that a reference leads to. */
export interface FigureNumber {
  readonly figure: Figure;
  readonly value: number | string;
  readonly unit: Unit;
  /** The figure's, or `inferred` for a number that was computed from it. */
  readonly confidence: Confidence;
  /** The range that the source gives; null without one, and for further numbers of a figure. */
  readonly range: readonly [low: number, high: number] | null;
}

interface Shipped {
  readonly sources: ReadonlyMap<string, FigureSource>;
  readonly figures: ReadonlyMap<string, Figure>;
}

let shipped: Shipped | null = null;

/** The sources of the figures, by key. */
export function shippedSources(): ReadonlyMap<string, FigureSource> {
  return tables().sources;
}

/** The figures, by id. */
export function shippedFigures(): ReadonlyMap<string, Figure> {
  return tables().figures;
}

/** Follows `ID` or `ID/NAME`; null when there is no such number. */
export function figureNumber(reference: string): FigureNumber | null {
  const [id = "", name] = reference.split("/");
  const figure = shippedFigures().get(id);
  if (figure === undefined) return null;
  if (name !== undefined) {
    const part = figure.more[name];
    if (part === undefined) return null;
    const { value, unit, computed } = part;
    const confidence = computed ? "inferred" : figure.confidence;
    return { figure, value, unit, confidence, range: null };
  }
  const { value, unit, confidence, low, high } = figure;
  if (value === undefined || unit === undefined) return null;
  const range = low === undefined || high === undefined ? null : ([low, high] as const);
  return { figure, value, unit, confidence, range };
}

/** Every reference that {@link figureNumber} follows, for hints. */
export function figureReferences(): string[] {
  return [...shippedFigures().values()].flatMap(({ id, value, more }) => [
    ...(value === undefined ? [] : [id]),
    ...Object.keys(more).map((name) => `${id}/${name}`),
  ]);
}

/** The figures that a figure rests on in the end, itself when it was not computed from others. */
export function figureRoots(reference: string): string[] {
  const [id = ""] = reference.split("/");
  const inputs = shippedFigures().get(id)?.derived_from ?? [];
  return inputs.length === 0 ? [id] : inputs.flatMap(figureRoots);
}

/** A source in one line: authors, title, where, year. */
export function citationText({ authors, title, where, year }: FigureSource): string {
  return `${authors}, "${title}", ${where} (${year})`;
}

function tables(): Shipped {
  shipped ??= readTables();
  return shipped;
}

function readTables(): Shipped {
  const sources = new Map(Object.entries(sourcesSchema.parse(sourceTable).sources));
  const figures = new Map<string, Figure>();
  for (const table of figureTables) {
    const document = figuresSchema.parse(table);
    for (const figure of document.figures) {
      const setup = document.setups[figure.setup ?? ""];
      const citation = sources.get(figure.source);
      if (citation === undefined) throw new Error(`${figure.id} has no source ${figure.source}`);
      const { hardware = "", software = "", method = "" } = { ...figure, ...setup };
      figures.set(figure.id, { ...figure, hardware, software, method, citation });
    }
  }
  return { sources, figures };
}
