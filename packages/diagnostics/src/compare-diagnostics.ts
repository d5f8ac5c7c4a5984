// The order in which diagnostics are shown, the same however they were found.
import type { Diagnostic, Severity } from "./diagnostic.ts";

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** By file, then place, then severity (errors first), then code, then message. */
export function compareDiagnostics(left: Diagnostic, right: Diagnostic): number {
  return (
    compareText(left.file, right.file) ||
    left.start - right.start ||
    left.line - right.line ||
    left.end - right.end ||
    rank[left.severity] - rank[right.severity] ||
    compareText(left.code, right.code) ||
    compareText(left.message, right.message)
  );
}
