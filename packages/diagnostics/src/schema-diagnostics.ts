// Turning what the schema refuses into diagnostics that point at the words.
import type { z } from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import { hintForName } from "./suggest.ts";
import { knownKeys } from "./known-keys.ts";
import { type DocumentPath, valueAt, type YamlSource } from "./yaml-source.ts";

/** One diagnostic per problem; an unknown key each gets its own. */
export function schemaDiagnostics(
  yaml: YamlSource,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
): Diagnostic[] {
  return issues.flatMap((issue) => describe(yaml, schema, issue));
}

function describe(yaml: YamlSource, schema: z.ZodType, issue: z.core.$ZodIssue): Diagnostic[] {
  const path = issue.path as DocumentPath;
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(yaml, schema, path, issue.keys);
    case "invalid_type":
      return [wrongType(yaml, path, issue)];
    case "invalid_value":
      return [unknownValue(yaml, path, issue.values.map(String))];
    case "invalid_union":
      return invalidUnion(yaml, schema, path, issue);
    case "too_small":
      return [outOfRange(yaml, path, issue.origin, ">=", issue.minimum, issue.inclusive ?? true)];
    case "too_big":
      return [outOfRange(yaml, path, issue.origin, "<=", issue.maximum, issue.inclusive ?? true)];
    default:
      return [yaml.diagnostic(path, "E_VALUE_TYPE", lower(issue.message))];
  }
}

function unknownKeys(
  yaml: YamlSource,
  schema: z.ZodType,
  path: DocumentPath,
  keys: readonly string[],
): Diagnostic[] {
  const known = knownKeys(schema, yaml.value, path);
  return keys.map((key) =>
    yaml.diagnostic([...path, key], "E_KEY_UNKNOWN", `unknown key: ${key}`, {
      ofKey: true,
      hint: hintForName("keys", key, known),
    }),
  );
}

/** Lists and texts are measured by their length, numbers by their value. */
function outOfRange(
  yaml: YamlSource,
  path: DocumentPath,
  origin: string,
  relation: "<=" | ">=",
  limit: number | bigint,
  isInclusive: boolean,
): Diagnostic {
  const measures: Readonly<Record<string, string>> = { array: "entries", string: "characters" };
  const measure = measures[origin] === undefined ? "" : ` ${measures[origin]}`;
  const comparison = isInclusive ? relation : relation.charAt(0);
  const message = `out of range: must be ${comparison} ${limit}${measure}`;
  return yaml.diagnostic(path, "E_VALUE_RANGE", message);
}

const PLAIN_TYPES: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function wrongType(
  yaml: YamlSource,
  path: DocumentPath,
  issue: Extract<z.core.$ZodIssue, { code: "invalid_type" }>,
): Diagnostic {
  const value = valueAt(yaml.value, path);
  if (value === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return yaml.diagnostic(path.slice(0, -1), "E_KEY_MISSING", `missing key: ${key}`);
  }
  return yaml.diagnostic(
    path,
    "E_VALUE_TYPE",
    `expected ${PLAIN_TYPES[issue.expected] ?? issue.expected}, found ${kindOf(value)}`,
  );
}

/** A list of so many words is shown as a whole; of a longer one, its beginning. */
const MAX_WORDS = 16;
const FEW_WORDS = 8;

function unknownValue(yaml: YamlSource, path: DocumentPath, words: readonly string[]): Diagnostic {
  const value = valueAt(yaml.value, path);
  if (value === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return yaml.diagnostic(path.slice(0, -1), "E_KEY_MISSING", `missing key: ${key}`, {
      hint: `one of: ${words.join(", ")}`,
    });
  }
  const shown = typeof value === "object" && value !== null ? kindOf(value) : String(value);
  return yaml.diagnostic(path, "E_VALUE_UNKNOWN", `unknown value: ${shown}`, {
    hint: hintForName(
      "values",
      String(value),
      words,
      words.length <= MAX_WORDS ? MAX_WORDS : FEW_WORDS,
    ),
  });
}

function invalidUnion(
  yaml: YamlSource,
  schema: z.ZodType,
  path: DocumentPath,
  issue: Extract<z.core.$ZodIssue, { code: "invalid_union" }>,
): Diagnostic[] {
  const inner = issue.errors[0];
  if (inner !== undefined && inner.length > 0) {
    return inner.flatMap((nested) =>
      describe(yaml, schema, { ...nested, path: [...path, ...nested.path] }),
    );
  }
  const options =
    "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  return [unknownValue(yaml, path, options)];
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : typeof value;
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
