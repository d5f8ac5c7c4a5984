// Small checks of parsed JSON that report every problem instead of stopping at the first.

import type { Severity } from "@faultline/diagnostics";

/** Takes one problem of the value being checked; an error unless told otherwise. */
export type Report = (message: string, severity?: Severity) => void;

/** A report that puts a prefix before every message. */
export function prefixed(prefix: string, report: Report): Report {
  return (message, severity) => report(`${prefix}: ${message}`, severity);
}

/** A report that also counts the errors. */
export function counting(report: Report): { readonly report: Report; errors: number } {
  const counter = {
    errors: 0,
    report: (message: string, severity: Severity = "error"): void => {
      if (severity === "error") counter.errors++;
      report(message, severity);
    },
  };
  return counter;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object and not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Shows a value in a message, shortened. */
export function preview(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** An integer field within bounds; reports and returns `otherwise` when it is none. */
export function integerField(
  object: JsonObject,
  field: string,
  [least, most]: readonly [number, number],
  report: Report,
  otherwise?: number,
): number {
  const value = object[field];
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (Number.isSafeInteger(value)) {
    const number = value as number;
    if (number >= least && number <= most) return number;
  }
  report(`\`${field}\` must be an integer from ${least} to ${most}, not ${preview(value)}`);
  return otherwise ?? least;
}

/** A non-empty string field; reports and returns "" when it is none. */
export function stringField(object: JsonObject, field: string, report: Report): string {
  const value = object[field];
  if (typeof value === "string" && value !== "") return value;
  report(`\`${field}\` must be a non-empty string, not ${preview(value)}`);
  return "";
}

/** Warns of every field that is not among the known ones: it is not compared. */
export function reportUnknownFields(
  object: JsonObject,
  known: ReadonlySet<string>,
  what: string,
  report: Report,
): void {
  for (const field of Object.keys(object)) {
    if (!known.has(field)) report(`${what} has no field \`${field}\`; it is ignored`, "warning");
  }
}
