// Traces of valgrind's lackey (`--tool=lackey --trace-mem=yes`): instructions in column 1, data
// after a blank, addresses in hexadecimal. Only data counts here; lines of valgrind itself, which
// begin with ==, are passed over.
import type { Diagnostic, SourceText } from "@faultline/diagnostics";
import { type AccessTrace, TraceBuilder } from "./access-trace.ts";
import { TraceProblems } from "./trace-problems.ts";

/** A lackey trace. */
export interface LackeyTrace {
  readonly trace: AccessTrace;
  /** Lines of each kind: I instructions, L loads, S stores, M both. */
  readonly byKind: Readonly<Record<LackeyKind, number>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The kinds of lines. */
export type LackeyKind = "I" | "L" | "S" | "M";

const LINE = /^(I {2}| L | S | M )([0-9a-fA-F]+),([0-9]+)(\s+\S.*)?$/u;
const READ = 0;
const WRITE = 1;
const MOST_ADDRESS = Number.MAX_SAFE_INTEGER / 2;
/** No instruction of any machine accesses more at once. */
const MOST_BYTES = 2 ** 16;

/** Whether a text begins like such a trace, after valgrind's own lines. */
export function looksLikeLackey(source: SourceText): boolean {
  for (let line = 1; line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() !== "" && !isOfValgrind(text)) return LINE.test(text);
  }
  return false;
}

/** Reads a trace; an empty one when there are errors. */
export function parseLackey(source: SourceText, pageBytes: number): LackeyTrace {
  const builder = new TraceBuilder(pageBytes);
  const { byKind, hasErrors, diagnostics } = readLackey(source, (address, sizeBytes, isRead) => {
    builder.add(address, sizeBytes, isRead ? READ : WRITE);
  });
  const trace = (hasErrors ? new TraceBuilder(pageBytes) : builder).build(false);
  return { trace, byKind, diagnostics };
}

/** What a reading came to, beside the accesses. */
export interface LackeyReading extends Omit<LackeyTrace, "trace"> {
  readonly hasErrors: boolean;
}

/**
 * Reads every line.
 * @param onData takes loads and what stores, in their order; of no use where there are errors.
 */
export function readLackey(
  source: SourceText,
  onData: (address: number, sizeBytes: number, isRead: boolean) => void,
): LackeyReading {
  const problems = new TraceProblems(source);
  const byKind: Record<LackeyKind, number> = { I: 0, L: 0, S: 0, M: 0 };
  for (let line = 1; line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() === "" || isOfValgrind(text)) continue;
    const [, kind = "", address = "", size = "", more = ""] = LINE.exec(text) ?? [];
    if (kind === "") {
      const hint = "lines are like ` L 1ffeffe7e0,8`, and `I  04000b50,3` for instructions";
      problems.report(line, "not a line of lackey", { hint });
      continue;
    }
    const at = Number.parseInt(address, 16);
    if (at > MOST_ADDRESS) {
      problems.report(line, `address out of range: ${address}`, {}, 3, 3 + address.length);
      continue;
    }
    if (Number(size) > MOST_BYTES) {
      const from = 4 + address.length;
      problems.report(line, `size out of range: ${size}`, {}, from, from + size.length);
      continue;
    }
    if (more !== "") {
      const details = { severity: "warning" as const, hint: "what follows the size is left out" };
      const from = text.length - more.trimStart().length;
      problems.report(line, `more than an access: ${more.trim()}`, details, from);
    }
    const letter = kind.trim() as LackeyKind;
    byKind[letter]++;
    if (letter !== "I") onData(at, Number(size), letter === "L");
  }
  return { byKind, hasErrors: problems.hasErrors, diagnostics: problems.sorted() };
}

function isOfValgrind(text: string): boolean {
  return text.startsWith("==") || text.startsWith("--");
}
