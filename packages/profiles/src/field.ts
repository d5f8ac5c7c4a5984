// A number of a profile after its figure was followed: value, unit, origin and range together.
import type { Balance, CitedDocument, Draw } from "./field-schema.ts";
import { defaultDraw, quantile } from "./draw.ts";
import {
  citationText,
  type Figure,
  type FigureNumber,
  figureNumber,
  shippedFigures,
} from "./figures.ts";
import type { Leaf } from "./leaves.ts";
import type { PricedOperation } from "./operation-schema.ts";
import { parseSizeBytes } from "./operation-counts.ts";
import { toEngine, type Unit } from "./units.ts";
import { type Confidence, type FieldKind, weakerConfidence } from "./vocabulary.ts";

/** A number of a profile with its origin. */
export interface ProfileField {
  /** Where it stands, such as `costs.deliver.per_fault`. */
  readonly path: string;
  readonly value: number | string | boolean;
  readonly unit: Unit;
  readonly kind: FieldKind;
  readonly confidence: Confidence;
  /** The range that `sampleProfile` draws from; null for what is certain or computed. */
  readonly range: { readonly low: number; readonly high: number; readonly draw: Draw } | null;
  /** Who gives it, and where. */
  readonly citation: string;
  /** The figures that it rests on. */
  readonly figures: readonly string[];
  /** How it was computed, or why it was assumed; empty for what a source gives. */
  readonly why: string;
  readonly note: string;
  /** The id of the profile that states it. */
  readonly statedIn: string;
  /** What it is left of; its value comes from a price table. */
  readonly balance: Balance | null;
  /** For an observed total: what it is the total of. */
  readonly operation: PricedOperation | null;
}

/** Picoseconds, bytes per second, bytes or the number itself; null for words. */
export function engineValue({ value, unit }: ProfileField): number | null {
  return typeof value === "number" ? toEngine(value, unit) : null;
}

/** The field of a number that {@link checkCited} found nothing wrong with. */
export function fieldOf({ path, cited }: Leaf, statedIn: string): ProfileField {
  const common = {
    path: path.join("."),
    statedIn,
    note: cited.note ?? "",
    balance: cited.balance ?? null,
    operation: cited.operation ?? null,
  };
  const number = cited.figure === undefined ? null : figureNumber(cited.figure);
  if (number !== null) return { ...common, ...fromFigure(cited, number) };
  const references =
    cited.balance === undefined ? cited.from : [cited.balance.total, ...cited.from];
  const figures = [...new Set(references)];
  return { ...common, ...fromDocument(cited, figures), figures };
}

type Origin = Omit<ProfileField, "path" | "statedIn" | "note" | "balance" | "operation">;

function fromFigure(
  cited: CitedDocument,
  { figure, value, unit, confidence, range }: FigureNumber,
): Origin {
  const reference = cited.figure ?? figure.id;
  const convert = conversion(cited, unit);
  const ends = range?.map((end) => convert(end)).sort((a, b) => a - b);
  const [low, high] = ends ?? [];
  const isComputed = confidence === "inferred" || convert !== same;
  return {
    value: typeof value === "number" ? convert(value) : value,
    unit: cited.bytes === undefined ? unit : "B/s",
    kind: isComputed ? "fitted" : "published",
    confidence,
    range: low === undefined || high === undefined ? null : { low, high, draw: defaultDraw(low) },
    citation: citationText(figure.citation),
    figures: [...new Set([reference, ...cited.from])],
    why: isComputed ? explained(cited, reference, figure.what) : "",
  };
}

const same = (value: number): number => value;

function conversion({ divide, bytes }: CitedDocument, unit: Unit): (value: number) => number {
  if (bytes !== undefined) {
    const nrBytes = parseSizeBytes(bytes);
    return (value) => Math.round((nrBytes * 1e12) / toEngine(value, unit));
  }
  return divide === undefined ? same : (value) => value / divide;
}

function explained({ divide, bytes, how }: CitedDocument, reference: string, what: string): string {
  if (how !== undefined) return how;
  if (bytes !== undefined) return `${bytes} in the time of ${reference}`;
  return divide === undefined ? what : `${reference} divided by ${divide}`;
}

function fromDocument(cited: CitedDocument, figures: readonly string[]): Omit<Origin, "figures"> {
  const { value, low, high, draw = defaultDraw(low ?? 0) } = cited;
  const kind = cited.kind ?? "fitted";
  const range = low === undefined || high === undefined ? null : { low, high, draw };
  const centre = range === null ? 0 : quantile(range.low, range.high, draw, 0.5);
  const inputs = figures.flatMap((reference) => {
    const figure = shippedFigures().get(reference.split("/")[0] ?? "");
    return figure === undefined ? [] : [figure];
  });
  const citations = [...new Set(inputs.map(({ citation }) => citationText(citation)))];
  return {
    value: value ?? centre,
    unit: cited.unit ?? "ps",
    kind,
    confidence: cited.confidence ?? confidenceOf(kind, inputs),
    range,
    citation: cited.source ?? (kind === "assumed" ? "" : citations.join("; ")),
    why: cited.reason ?? cited.how ?? "",
  };
}

/** What was computed is no surer than what it was computed from. */
function confidenceOf(kind: FieldKind, inputs: readonly Figure[]): Confidence {
  if (kind === "assumed") return "estimate";
  if (kind !== "fitted") return "quoted";
  return inputs.map(({ confidence }) => confidence).reduce(weakerConfidence, "inferred");
}
