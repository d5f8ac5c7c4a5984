// What is wrong with a trace, line by line. A file of another kind would have a problem in every
// line, so after some of them the rest is counted.
import {
  type Diagnostic,
  diagnosticAt,
  type DiagnosticDetails,
  DiagnosticSink,
  type SourceText,
} from "@faultline/diagnostics";

const MOST = 20;

/** Collects the problems of one trace. */
export class TraceProblems {
  private readonly source: SourceText;
  private readonly sink = new DiagnosticSink();
  private nrFound = 0;
  private firstUntold = 0;

  constructor(source: SourceText) {
    this.source = source;
  }

  /** Tells of a part of a line, by its columns from 0; without them of the whole line. */
  report(line: number, message: string, details?: DiagnosticDetails, from = 0, to?: number): void {
    this.nrFound++;
    if (this.nrFound > MOST) {
      this.firstUntold ||= line;
      return;
    }
    const start = this.source.lineStart(line) + from;
    const end =
      to === undefined ? start + this.source.lineText(line).length - from : start + to - from;
    this.sink.add(diagnosticAt(this.source, start, end, "E_TRACE_LINE", message, details));
  }

  /** Whether the trace cannot be used. */
  get hasErrors(): boolean {
    return this.sink.hasErrors;
  }

  /** What was found, in the order of the file. */
  sorted(): readonly Diagnostic[] {
    const nrLeft = this.nrFound - MOST;
    if (nrLeft > 0) {
      const start = this.source.lineStart(this.firstUntold);
      const message = `${nrLeft} more lines like these`;
      this.sink.add(diagnosticAt(this.source, start, start, "E_TRACE_LINE", message));
    }
    return this.sink.sorted();
  }
}
