// What is wrong with a file of another tool: every problem at its place.
import {
  type Diagnostic,
  diagnosticAt,
  type DiagnosticCode,
  type DiagnosticDetails,
  DiagnosticSink,
  type SourceText,
} from "@faultline/diagnostics";

/** A stretch of the file, by offsets: a line, a cell or an element. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where there is nothing to point at: the beginning of the file. */
export const FILE_START: Stretch = { start: 0, end: 0 };

/** What can be wrong; the codes are explained in docs/diagnostics.md. */
export type ImportCode = Extract<DiagnosticCode, `E_IMPORT_${string}`>;

/** Tells of a problem. */
export type Report = (
  at: Stretch,
  code: ImportCode,
  message: string,
  details?: DiagnosticDetails,
) => void;

/** Collects the problems of one file. */
export class ImportProblems {
  private readonly source: SourceText;
  private readonly sink = new DiagnosticSink();

  constructor(source: SourceText) {
    this.source = source;
  }

  readonly report: Report = ({ start, end }, code, message, details) => {
    this.sink.add(diagnosticAt(this.source, start, end, code, message, details));
  };

  /** Whether the file cannot be used. */
  get hasErrors(): boolean {
    return this.sink.hasErrors;
  }

  /** What was found, in the order of the file. */
  sorted(): readonly Diagnostic[] {
    return this.sink.sorted();
  }
}
