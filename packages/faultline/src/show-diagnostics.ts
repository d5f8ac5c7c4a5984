// Diagnostics on stderr, and what they mean for the exit code.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { countDiagnostics, hasErrors, renderDiagnostics } from "@faultline/diagnostics";
import { diagnosticColours } from "./colours.ts";
import type { CommandContext } from "./command-context.ts";

/** Prints diagnostics with excerpts of the sources at hand; an error among them is bad input. */
export function showDiagnostics(
  context: CommandContext,
  diagnostics: readonly Diagnostic[],
  sources: readonly SourceText[] = [],
): void {
  if (diagnostics.length === 0) return;
  const text = renderDiagnostics(diagnostics, {
    sources: new Map(sources.map((source) => [source.file, source])),
    colourise: diagnosticColours(context.io.errHasColours),
  });
  context.io.writeErr(`${text}\n${countDiagnostics(diagnostics)}\n`);
  if (hasErrors(diagnostics)) context.note("bad-input");
}
