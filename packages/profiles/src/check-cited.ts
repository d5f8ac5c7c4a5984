// Whether a number in a profile says where it comes from, and whether what it says fits together.
import { type Diagnostic, hintForName, type YamlSource } from "@faultline/diagnostics";
import { figureNumber, figureReferences, shippedFigures } from "./figures.ts";
import type { CitedDocument } from "./field-schema.ts";
import type { Leaf } from "./leaves.ts";
import { type Dimension, toEngine, type Unit, UNITS } from "./units.ts";
import type { FieldKind } from "./vocabulary.ts";

type Keys = readonly (keyof CitedDocument)[];

/** What a kind needs, and what does not go with it. */
const RULES: Readonly<Record<FieldKind, { readonly needs: Keys; readonly refuses: Keys }>> = {
  measured: { needs: ["value", "unit", "source"], refuses: ["reason", "how", "balance"] },
  published: { needs: ["value", "unit", "source"], refuses: ["reason", "how", "balance"] },
  fitted: { needs: ["value", "unit", "how"], refuses: ["reason"] },
  assumed: { needs: ["unit", "low", "high", "reason"], refuses: ["how", "balance", "source"] },
};

/** What a number that is a figure, or what is left of a total, cannot say itself. */
const STATED_ELSEWHERE: Keys = ["value", "unit", "kind", "low", "high", "source", "confidence"];

/** Problems of one number. */
export function checkCited(yaml: YamlSource, leaf: Leaf): Diagnostic[] {
  const { path, cited, dimension } = leaf;
  const problems = [
    ...unknownFigures(yaml, path, cited),
    ...shapeProblems(yaml, path, cited),
    ...rangeProblems(yaml, path, cited),
  ];
  if (problems.length > 0) return problems;
  return [...unitProblems(yaml, path, cited, dimension), ...limitProblems(yaml, leaf)];
}

/** What whoever uses the number cannot take; ends of a range are numbers that may be drawn. */
function limitProblems(yaml: YamlSource, { path, cited, limits }: Leaf): Diagnostic[] {
  if (limits === null) return [];
  const [least, most] = limits;
  const figure = cited.figure === undefined ? undefined : figureNumber(cited.figure)?.value;
  const given = { figure, value: cited.value, low: cited.low, high: cited.high };
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value === "number" && value >= least && value <= most) return [];
    const message =
      typeof value === "number"
        ? `out of range: ${value}`
        : `expected a number, found ${JSON.stringify(value)}`;
    const code = typeof value === "number" ? "E_VALUE_RANGE" : "E_VALUE_TYPE";
    const hint = `a number from ${least} to ${most}`;
    return [yaml.diagnostic([...path, key], code, message, { hint })];
  });
}

function unknownFigures(yaml: YamlSource, path: Leaf["path"], cited: CitedDocument): Diagnostic[] {
  const references = [
    ...(cited.figure === undefined ? [] : [[["figure"], cited.figure] as const]),
    ...cited.from.map((reference, i) => [["from", i], reference] as const),
    ...(cited.balance === undefined ? [] : [[["balance", "total"], cited.balance.total] as const]),
  ];
  return references.flatMap(([key, reference]) => {
    const isKnown =
      key[0] === "from"
        ? shippedFigures().has(reference.split("/")[0] ?? "")
        : figureNumber(reference) !== null;
    if (isKnown) return [];
    const hint = hintForName("figures", reference, figureReferences(), 3);
    const message = `unknown figure: ${reference}`;
    return [yaml.diagnostic([...path, ...key], "E_NAME_UNKNOWN", message, { hint })];
  });
}

function shapeProblems(yaml: YamlSource, path: Leaf["path"], cited: CitedDocument): Diagnostic[] {
  const kind = cited.kind;
  if (cited.figure !== undefined || cited.balance !== undefined) {
    const which = cited.figure === undefined ? "balance" : "figure";
    const refused: Keys =
      which === "figure"
        ? [...STATED_ELSEWHERE, "reason", "how", "balance"]
        : ["value", "unit", "low", "high", "source", "reason", "divide", "bytes"];
    const found = refuse(yaml, path, cited, refused, `the number is its ${which}'s`);
    if (which === "figure" || kind === undefined || kind === "fitted") return found;
    const message = `not a ${kind} number: it is what is left of a total`;
    const hint = "its kind is fitted";
    return [...found, yaml.diagnostic([...path, "kind"], "E_PROFILE_FIELD", message, { hint })];
  }
  if (kind === undefined) {
    const hint = "give `figure: ID`, or `kind:` with what it needs; docs/profiles.md explains";
    const message = "a number without an origin";
    return [yaml.diagnostic(path, "E_PROFILE_FIELD", message, { hint, ofKey: true })];
  }
  const { needs, refuses } = RULES[kind];
  const missing = needs.filter((key) => cited[key] === undefined);
  const found = refuse(yaml, path, cited, [...refuses, "divide", "bytes"], `it is ${kind}`);
  if (missing.length === 0) return found;
  const message = `missing for ${article(kind)} number: ${missing.join(", ")}`;
  return [...found, yaml.diagnostic(path, "E_PROFILE_FIELD", message, { ofKey: true })];
}

function refuse(
  yaml: YamlSource,
  path: Leaf["path"],
  cited: CitedDocument,
  keys: Keys,
  because: string,
): Diagnostic[] {
  return keys
    .filter((key) => cited[key] !== undefined)
    .map((key) =>
      yaml.diagnostic(
        [...path, key],
        "E_PROFILE_FIELD",
        `${key} does not belong here: ${because}`,
        {
          ofKey: true,
        },
      ),
    );
}

function article(kind: FieldKind): string {
  return kind === "assumed" ? `an ${kind}` : `a ${kind}`;
}

function rangeProblems(yaml: YamlSource, path: Leaf["path"], cited: CitedDocument): Diagnostic[] {
  const { low, high, value } = cited;
  if (low === undefined && high === undefined) return [];
  if (low === undefined || high === undefined) {
    const message = `a range has two ends: ${low === undefined ? "low" : "high"} is missing`;
    return [yaml.diagnostic(path, "E_PROFILE_FIELD", message, { ofKey: true })];
  }
  if (low > high) {
    const message = `a range that ends before it starts: ${low}..${high}`;
    return [yaml.diagnostic([...path, "high"], "E_VALUE_RANGE", message)];
  }
  if (typeof value !== "number" || (value >= low && value <= high)) return [];
  const message = `outside its own range ${low}..${high}: ${value}`;
  return [yaml.diagnostic([...path, "value"], "E_VALUE_RANGE", message)];
}

/** The unit of a number as the field takes it; null for a balance, which is a time. */
function effectiveUnit({ figure, bytes, unit }: CitedDocument): Unit | null {
  if (figure === undefined) return unit ?? null;
  if (bytes !== undefined) return "B/s";
  return figureNumber(figure)?.unit ?? null;
}

function unitProblems(
  yaml: YamlSource,
  path: Leaf["path"],
  cited: CitedDocument,
  dimension: Dimension | null,
): Diagnostic[] {
  const unit = effectiveUnit(cited);
  const key = cited.figure === undefined ? "unit" : "figure";
  if (cited.bytes !== undefined && cited.figure !== undefined) {
    const given = figureNumber(cited.figure);
    if (given !== null && UNITS[given.unit].dimension !== "time") {
      const message = `no time, so no rate comes of it: ${given.unit}`;
      return [yaml.diagnostic([...path, "figure"], "E_VALUE_TYPE", message)];
    }
  }
  if (unit === null || dimension === null || UNITS[unit].dimension === dimension) {
    return valueProblems(yaml, path, cited, dimension);
  }
  const words = { time: "a time", rate: "a rate", size: "a size", plain: "a plain number" };
  const fitting = Object.entries(UNITS)
    .filter(([, definition]) => definition.dimension === dimension)
    .map(([name]) => name);
  const message = `expected ${words[dimension]}, found ${unit}`;
  const hint = `units are ${fitting.join(", ")}`;
  return [yaml.diagnostic([...path, key], "E_VALUE_TYPE", message, { hint })];
}

/** Picoseconds, bytes per second and bytes are counted, and this is the most of them. */
const MOST = Number.MAX_SAFE_INTEGER;

function valueProblems(
  yaml: YamlSource,
  path: Leaf["path"],
  cited: CitedDocument,
  dimension: Dimension | null,
): Diagnostic[] {
  if (dimension === null || dimension === "plain") return [];
  const figure = cited.figure === undefined ? undefined : figureNumber(cited.figure)?.value;
  const { value, low, high, unit = "ps" } = cited;
  const given = figure === undefined ? { value, low, high } : { figure };
  return Object.entries(given).flatMap(([key, number]) => {
    if (number === undefined) return [];
    const place = [...path, key];
    if (typeof number !== "number") {
      const message = `expected a number, found ${JSON.stringify(number)}`;
      return [yaml.diagnostic(place, "E_VALUE_TYPE", message)];
    }
    // Less than one of a rate or a size is none, and what has no rate costs nothing.
    const isSmall =
      dimension === "time"
        ? number < 0
        : number <= 0 || (key !== "figure" && toEngine(number, unit) < 1);
    if (isSmall) {
      const message = `out of range: must be ${dimension === "time" ? ">= 0" : "> 0"}`;
      return [yaml.diagnostic(place, "E_VALUE_RANGE", message)];
    }
    if (key === "figure" || toEngine(number, unit) <= MOST) return [];
    const message = `out of range: ${number} ${unit} is more than can be counted`;
    return [yaml.diagnostic(place, "E_VALUE_RANGE", message)];
  });
}
