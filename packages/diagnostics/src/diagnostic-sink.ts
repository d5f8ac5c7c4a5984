// Collects diagnostics while a document is read, so that every problem is reported at once.
import { compareDiagnostics } from "./compare-diagnostics.ts";
import type { Diagnostic } from "./diagnostic.ts";

/** Takes diagnostics in any order and gives them back sorted, each once. */
export class DiagnosticSink {
  readonly #found = new Map<string, Diagnostic>();
  #nrErrors = 0;

  /** Adds a diagnostic unless the same code, message and place is already there. */
  add(diagnostic: Diagnostic): void {
    const { file, start, end, line, code, message } = diagnostic;
    const key = JSON.stringify([file, start, end, line, code, message]);
    if (this.#found.has(key)) return;
    this.#found.set(key, diagnostic);
    if (diagnostic.severity === "error") this.#nrErrors += 1;
  }

  addAll(diagnostics: Iterable<Diagnostic>): void {
    for (const diagnostic of diagnostics) this.add(diagnostic);
  }

  get nrErrors(): number {
    return this.#nrErrors;
  }

  get hasErrors(): boolean {
    return this.#nrErrors > 0;
  }

  /** What was found, in the order of {@link compareDiagnostics}. */
  sorted(): Diagnostic[] {
    return [...this.#found.values()].sort(compareDiagnostics);
  }
}
