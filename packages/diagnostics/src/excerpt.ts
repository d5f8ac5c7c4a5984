// The lines of a source around a place, with carets under it, as they appear in a terminal.
import stringWidth from "string-width";
import type { Place } from "./diagnostic.ts";
import type { SourceText } from "./source-text.ts";

const TAB_WIDTH = 4;
const LEAD_IN = 24;

/** One printed line: what is left of it (a line number or nothing) and its content. */
export interface ExcerptLine {
  readonly kind: "source" | "carets";
  readonly gutter: string;
  readonly content: string;
}

/** How much of the source an excerpt shows. */
export interface ExcerptOptions {
  /** Lines shown above the marked one. Default 1. */
  readonly nrLinesBefore?: number;
  /** Cells after which a source line is cut, with `…` in place of what is missing. Default 88. */
  readonly maxWidth?: number;
}

/** The marked line with carets below it and a line of context above; empty for a whole file. */
export function excerpt(
  source: SourceText,
  place: Place,
  { nrLinesBefore = 1, maxWidth = 88 }: ExcerptOptions = {},
): ExcerptLine[] {
  if (place.line === 0) return [];
  const marked = markedCells(source, place);
  const offset = marked.from > maxWidth - LEAD_IN ? marked.from - LEAD_IN : 0;
  const gutterWidth = String(place.line).length;
  const lines: ExcerptLine[] = [];
  for (let line = Math.max(1, place.line - nrLinesBefore); line <= place.line; line += 1) {
    const content = cut(cellsOf(source.lineText(line)), offset, maxWidth);
    lines.push({ kind: "source", gutter: String(line).padStart(gutterWidth), content });
  }
  const last = source.lineAt(Math.max(place.start, place.end - 1));
  const carets = "^".repeat(Math.max(1, Math.min(marked.to, offset + maxWidth) - marked.from));
  const onward = last > place.line ? ` to line ${last}` : "";
  const content = `${" ".repeat(marked.from - offset)}${carets}${onward}`;
  return [...lines, { kind: "carets", gutter: " ".repeat(gutterWidth), content }];
}

/** The cells of the first line of `place`, before any cutting. */
function markedCells(source: SourceText, place: Place): { from: number; to: number } {
  const lineStart = source.lineStart(place.line);
  const text = source.lineText(place.line);
  const from = cellsOf(text.slice(0, place.start - lineStart)).length;
  const to = cellsOf(text.slice(0, Math.max(0, place.end - lineStart))).length;
  return { from, to: Math.max(to, from + 1) };
}

/**
 * The terminal cells of a line. A wide character is followed by empty cells, a tab becomes spaces,
 * and a control character is shown by its picture, so that no source can command the terminal.
 */
function cellsOf(text: string): string[] {
  const cells: string[] = [];
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)) {
    if (segment === "\t") {
      do cells.push(" ");
      while (cells.length % TAB_WIDTH !== 0);
      continue;
    }
    const shown = visible(segment);
    const width = stringWidth(shown);
    if (width === 0) {
      const last = cells.length - 1;
      if (last >= 0) cells[last] += shown;
      continue;
    }
    cells.push(shown);
    for (let more = 1; more < width; more += 1) cells.push("");
  }
  return cells;
}

/** Control characters as pictures, other invisible ones that could reorder text as a box. */
function visible(segment: string): string {
  return segment
    .replaceAll(/[\u0000-\u001f]/g, (control) =>
      String.fromCharCode(0x2400 + control.charCodeAt(0)),
    )
    .replaceAll("\u007f", "\u2421")
    .replaceAll(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
    .replaceAll(
      /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "\ufffd",
    );
}

function cut(cells: readonly string[], offset: number, maxWidth: number): string {
  const window = cells.slice(offset, offset + maxWidth);
  if (offset > 0) window[0] = "…";
  if (cells.length > offset + maxWidth) window[window.length - 1] = "…";
  return window.join("").trimEnd();
}
