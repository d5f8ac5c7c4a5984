// What is wrong with a file of another tool: every problem at its place.
import {
  type Diagnostic,
  diagnosticAt,
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

/** Tells of a problem. */
export type Report = (at: Stretch, message: string, details?: DiagnosticDetails) => void;

/** Collects the problems of one file. */
export class ImportProblems {
  private readonly source: SourceText;
  private readonly sink = new DiagnosticSink();

  constructor(source: SourceText) {
    this.source = source;
  }

  readonly report: Report = ({ start, end }, message, details) => {
    this.sink.add(diagnosticAt(this.source, start, end, "E_IMPORT_TEXT", message, details));
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
