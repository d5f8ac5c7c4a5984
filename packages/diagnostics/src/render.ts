// Diagnostics as text for people: a headline, an excerpt with carets, related places, the hint.
import { compareDiagnostics } from "./compare-diagnostics.ts";
import type { Diagnostic, Place, Severity } from "./diagnostic.ts";
import type { ExcerptOptions } from "./excerpt.ts";
import { excerpt } from "./excerpt.ts";
import type { SourceText } from "./source-text.ts";

/** What a piece of the output is, for whoever colours it. */
export type Role = Severity | "place" | "code" | "gutter" | "caret" | "hint";

/** Wraps `text` in whatever shows its role; the default leaves it alone. */
export type Colourise = (role: Role, text: string) => string;

/** How diagnostics are rendered. */
export interface RenderOptions extends ExcerptOptions {
  /** Sources by file name; without its source a diagnostic has no excerpt. */
  readonly sources?: ReadonlyMap<string, SourceText>;
  readonly colourise?: Colourise;
}

const plainText: Colourise = (_role, text) => text;

/** One diagnostic as text, lines joined by `\n`, without a final line break. */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const { colourise = plainText } = options;
  const { severity, code, message, hint, related = [] } = diagnostic;
  const place = colourise("place", formatPlace(diagnostic));
  const lines = [
    `${place} ${colourise(severity, severity)} ${colourise("code", code)}: ${oneLine(message)}`,
    ...renderExcerpt(diagnostic, options),
  ];
  for (const other of related) {
    lines.push(`  ${colourise("place", formatPlace(other))}: ${oneLine(other.message)}`);
    lines.push(...renderExcerpt(other, { ...options, nrLinesBefore: 0 }));
  }
  if (hint !== undefined) lines.push(`  ${colourise("hint", "hint:")} ${oneLine(hint)}`);
  return lines.join("\n");
}

/** Every diagnostic, sorted, with an empty line between; empty text when there are none. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: RenderOptions = {},
): string {
  const sorted = [...diagnostics].sort(compareDiagnostics);
  return sorted.map((diagnostic) => `${renderDiagnostic(diagnostic, options)}\n`).join("\n");
}

/** `file:line:column`, `file:+0x30:` for a byte of a binary file, `file:` for a whole file. */
export function formatPlace({ file, start, end, line, column }: Place): string {
  if (line > 0) return `${oneLine(file)}:${line}:${column}`;
  return end === 0 ? `${oneLine(file)}:` : `${oneLine(file)}:+0x${start.toString(16)}:`;
}

/** `3 errors, 1 warning`; `no problems` when there are none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const parts: string[] = [];
  for (const severity of ["error", "warning", "info"] as const) {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    if (count === 0) continue;
    parts.push(`${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`);
  }
  return parts.length === 0 ? "no problems" : parts.join(", ");
}

function renderExcerpt(place: Place, options: RenderOptions): string[] {
  const { sources, colourise = plainText } = options;
  const source = sources?.get(place.file);
  if (source === undefined) return [];
  return excerpt(source, place, options).map(({ kind, gutter, content }) => {
    const text = kind === "carets" ? colourise("caret", content) : content;
    return `${colourise("gutter", `  ${gutter} |`)} ${text}`.trimEnd();
  });
}

/** Messages quote what users wrote; a control character in it must not reach the terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}
