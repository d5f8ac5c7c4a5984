// The shape of one problem in something a person wrote: where, what, and what to do about it.
// Kernel failures are return values and our own bugs are exceptions; neither is a diagnostic.
import type { DiagnosticCode } from "./codes.ts";
import type { SourceText } from "./source-text.ts";

/** An `error` stops the work (exit code 2); the others do not. */
export type Severity = "error" | "warning" | "info";

/**
 * A stretch of a source. Offsets count UTF-16 units from 0, as `String.prototype.slice` does, with
 * `end` exclusive; `line` and `column` count from 1, a column being one character (code point).
 * A place that is the source as a whole has `line` 0, and then 0 in the other numbers too. A place
 * in a file of bytes has `line` and `column` 0, and its offsets count bytes.
 */
export interface Place {
  /** The path as the user wrote it, or a name in angle brackets such as `<command line>`. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** A second place that helps to understand a diagnostic, such as an earlier definition. */
export interface RelatedPlace extends Place {
  readonly message: string;
}

/** One problem, at one place. */
export interface Diagnostic extends Place {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** Lower case, `what: value`, without a full stop. */
  readonly message: string;
  /** What to do about it, one sentence or clause. */
  readonly hint?: string;
  readonly related?: readonly RelatedPlace[];
}

/** Whether something among diagnostics stops the work. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** The optional parts of a diagnostic. */
export interface DiagnosticDetails {
  readonly severity?: Severity | undefined;
  readonly hint?: string | undefined;
  readonly related?: readonly RelatedPlace[] | undefined;
}

/** A diagnostic about `source.text.slice(start, end)`; offsets outside the text are clamped. */
export function diagnosticAt(
  source: SourceText,
  start: number,
  end: number,
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return withDetails(source.place(start, end), code, message, details);
}

/** A diagnostic about a place that is known already. */
export function diagnosticAtPlace(
  place: Place,
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return withDetails(place, code, message, details);
}

/**
 * A diagnostic about the bytes from `start` to `end` (exclusive, at least one) of a binary file.
 */
export function diagnosticAtBytes(
  file: string,
  start: number,
  end: number,
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  const place = { file, start, end: Math.max(end, start + 1), line: 0, column: 0 };
  return withDetails(place, code, message, details);
}

/** A diagnostic about a file as a whole, or about something that is not a file. */
export function diagnosticFor(
  file: string,
  code: DiagnosticCode,
  message: string,
  details: DiagnosticDetails = {},
): Diagnostic {
  return withDetails({ file, start: 0, end: 0, line: 0, column: 0 }, code, message, details);
}

function withDetails(
  place: Place,
  code: DiagnosticCode,
  message: string,
  { severity = "error", hint, related }: DiagnosticDetails,
): Diagnostic {
  return {
    code,
    severity,
    message,
    ...place,
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined || related.length === 0 ? {} : { related }),
  };
}
