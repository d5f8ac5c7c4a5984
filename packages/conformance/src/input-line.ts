// One line of an input file, and a diagnostic about it.

import type { Diagnostic, DiagnosticCode, Severity } from "@faultline/diagnostics";

/** One line of an input file. */
export interface InputLine {
  readonly file: string;
  /** Counting from 1. */
  readonly line: number;
  /** Offset of the line's first character in the file's text. */
  readonly start: number;
  readonly text: string;
}

/** A problem that concerns a whole line. */
export function problemAt(
  { file, line, start, text }: InputLine,
  code: DiagnosticCode,
  message: string,
  severity: Severity = "error",
): Diagnostic {
  return { code, severity, message, file, start, end: start + text.length, line, column: 1 };
}
