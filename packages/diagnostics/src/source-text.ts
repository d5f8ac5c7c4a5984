// A text with a name, and the way from offsets in it to lines and columns.
import type { Place } from "./diagnostic.ts";

/**
 * One source as the user wrote it. Lines end with LF or CRLF; a lone CR is an ordinary character.
 * The end of the text is a place too: after a final line break it is column 1 of an empty line.
 */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      starts.push(at + 1);
    }
    this.#lineStarts = starts;
  }

  get nrLines(): number {
    return this.#lineStarts.length;
  }

  /** The offset of the first character of line `line` (from 1); outside the text, the nearest. */
  lineStart(line: number): number {
    const index = Math.min(Math.max(line, 1), this.nrLines) - 1;
    return this.#lineStarts[index] ?? 0;
  }

  /** Line `line` (from 1) without its line break; empty outside the text. */
  lineText(line: number): string {
    if (line < 1 || line > this.nrLines) return "";
    const start = this.lineStart(line);
    const end = line === this.nrLines ? this.text.length : this.lineStart(line + 1) - 1;
    const isCrlf = end > start && end < this.text.length && this.text[end - 1] === "\r";
    return this.text.slice(start, isCrlf ? end - 1 : end);
  }

  /** The line (from 1) that holds `offset`. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.nrLines - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The place from `start` to `end`, both clamped to the text and never inside a character. */
  place(start: number, end: number = start): Place {
    const from = this.#characterStart(start);
    const to = Math.max(from, this.#characterStart(end));
    const line = this.lineAt(from);
    const column = Array.from(this.text.slice(this.lineStart(line), from)).length + 1;
    return { file: this.file, start: from, end: to, line, column };
  }

  /** The offset clamped to the text, moved back when it is between two halves of a character. */
  #characterStart(offset: number): number {
    const clamped = Math.min(Math.max(Math.trunc(offset) || 0, 0), this.text.length);
    const unit = this.text.charCodeAt(clamped);
    const before = this.text.charCodeAt(clamped - 1);
    const splits = unit >= 0xdc00 && unit <= 0xdfff && before >= 0xd800 && before <= 0xdbff;
    return splits ? clamped - 1 : clamped;
  }
}
