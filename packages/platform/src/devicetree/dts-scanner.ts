// The characters of a device tree source: spaces and comments, words, and what is wrong where.
import { type DiagnosticDetails, type DiagnosticSink, diagnosticAt } from "@faultline/diagnostics";
import type { SourceText } from "@faultline/diagnostics";

/** A position in a source, and what can be read from there. */
export class DtsScanner {
  readonly source: SourceText;
  readonly sink: DiagnosticSink;
  at = 0;

  constructor(source: SourceText, sink: DiagnosticSink) {
    this.source = source;
    this.sink = sink;
  }

  get text(): string {
    return this.source.text;
  }

  /** Whether nothing but space is left. */
  get isAtEnd(): boolean {
    this.skipSpace();
    return this.at >= this.text.length;
  }

  /** Passes spaces, comments, and the line markers that the C preprocessor leaves. */
  skipSpace(): void {
    for (;;) {
      const start = this.at;
      this.match(/\s+/y);
      this.match(/\/\/[^\n]*/y);
      if (this.text.startsWith("/*", this.at)) this.skipComment();
      if (this.isAtLineStart()) this.match(/#(?:line)?[ \t]+\d[^\n]*/y);
      if (this.at === start) return;
    }
  }

  /** Takes a text when it is next, spaces before it included. */
  take(text: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes what a sticky pattern matches right here; null when it does not. */
  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || found === "") return null;
    this.at += found.length;
    return found;
  }

  /** Takes a text or reports that something else stands there. */
  expect(text: string, details: DiagnosticDetails = {}): boolean {
    if (this.take(text)) return true;
    this.complain(`expected \`${text}\`, found ${this.shownNext()}`, details);
    return false;
  }

  /** Reports a problem at a range; by default at what is next. */
  complain(message: string, details: DiagnosticDetails = {}, range = this.nextRange()): void {
    const [start, end] = range;
    this.sink.add(diagnosticAt(this.source, start, end, "E_DEVICETREE_SYNTAX", message, details));
  }

  /**
   * Passes the rest of a statement: up to and including its `;`, or up to the `}` of the node it is
   * in. Always moves on, so that every loop over statements ends.
   */
  skipStatement(): void {
    const start = this.at;
    for (let depth = 0; !this.isAtEnd; ) {
      if (this.match(/"(?:\\[^]|[^"\\])*"|"[^\n;]*/y) !== null) continue;
      const next = this.text[this.at];
      if (next === "}" && depth === 0) break;
      this.at += 1;
      if (next === "{") depth += 1;
      else if (next === "}") depth -= 1;
      else if (next === ";" && depth === 0) return;
    }
    if (this.at === start && !this.isAtEnd) this.at += 1;
  }

  /** What is next, for a message. */
  shownNext(): string {
    const [start, end] = this.nextRange();
    return start === end ? "the end of the file" : `\`${this.text.slice(start, end)}\``;
  }

  private nextRange(): readonly [number, number] {
    this.skipSpace();
    const start = this.at;
    const word = this.match(/[\w,.+*#?@-]{1,40}/y) ?? this.match(/[^]/y) ?? "";
    this.at = start;
    return [start, start + word.length];
  }

  private skipComment(): void {
    const end = this.text.indexOf("*/", this.at + 2);
    if (end === -1) {
      this.complain("the comment is not closed", {}, [this.at, this.at + 2]);
      this.at = this.text.length;
    } else {
      this.at = end + 2;
    }
  }

  private isAtLineStart(): boolean {
    return this.at === 0 || this.text[this.at - 1] === "\n";
  }
}
