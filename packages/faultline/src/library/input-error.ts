// What a person wrote wrongly, as the library tells it: every problem at once, with excerpts.
import { type Diagnostic, renderDiagnostics, type SourceText } from "@faultline/diagnostics";

/**
 * Input that cannot be run: a scenario, a profile, a plug-in. The message is what the command line
 * would print; `loadScenario` and `loadProfile` give the same diagnostics without an exception.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  /** Every problem, warnings too, each with its place and mostly a hint. */
  readonly diagnostics: readonly Diagnostic[];

  /** @param sources the texts that diagnostics point into. */
  constructor(diagnostics: readonly Diagnostic[], sources: readonly SourceText[] = []) {
    const byFile = new Map(sources.map((source) => [source.file, source]));
    super(renderDiagnostics(diagnostics, { sources: byFile }).trimEnd());
    this.diagnostics = diagnostics;
  }
}
