// Problems found in case and record files, with their place. The one seam to the diagnostics package.

/** What is wrong with an input file; the codes of this package. */
export type InputProblemCode =
  | "E_CONFORMANCE_FILE"
  | "E_CONFORMANCE_SYNTAX"
  | "E_CONFORMANCE_CASE"
  | "E_CONFORMANCE_RECORD"
  | "E_CONFORMANCE_JOIN";

export type ProblemSeverity = "error" | "warning";

/** One problem in an input file. Lines and columns count from 1, offsets from 0. */
export interface InputProblem {
  readonly code: InputProblemCode;
  /** A warning concerns something that is ignored; an error, a line that is. */
  readonly severity: ProblemSeverity;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly start: number;
  readonly end: number;
  readonly hint?: string;
}

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
  line: InputLine,
  code: InputProblemCode,
  message: string,
  severity: ProblemSeverity = "error",
): InputProblem {
  return {
    code,
    severity,
    message,
    file: line.file,
    line: line.line,
    column: 1,
    start: line.start,
    end: line.start + line.text.length,
  };
}

/** `file:line:column: error CODE: message` */
export function formatProblem(problem: InputProblem): string {
  const { file, line, column, severity, code, message } = problem;
  return `${file}:${line}:${column}: ${severity} ${code}: ${message}`;
}
