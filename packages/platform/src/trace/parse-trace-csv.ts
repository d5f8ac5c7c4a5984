// Traces as comma-separated values: a line of column names, then an access in each line. `address`
// and `access` must be there; `size` in bytes, `time_ns` and `who` may.
import { type Diagnostic, hintForName, type SourceText } from "@faultline/diagnostics";
import {
  type AccessTrace,
  MOST_TRACE_NS,
  TRACE_ACCESS_NAMES,
  type TraceAccessName,
  TraceBuilder,
} from "./access-trace.ts";
import { TraceProblems } from "./trace-problems.ts";

/** A trace of such a file. */
export interface CsvTrace {
  readonly trace: AccessTrace;
  /** Who is named in the column `who`, in the order of appearance. */
  readonly names: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

const COLUMNS = ["time_ns", "who", "address", "access", "size"] as const;
type Column = (typeof COLUMNS)[number];

const PS_PER_NS = 1000;

/** A cell, with the columns of its line that it takes. */
interface Cell {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a trace; an empty one when there are errors.
 * @param who whose accesses are taken, in the pages and the time of all. @defaultValue everybody's
 */
export function parseTraceCsv(source: SourceText, pageBytes: number, who?: string): CsvTrace {
  const problems = new TraceProblems(source);
  const head = readHead(source, problems);
  const builder = new TraceBuilder(pageBytes);
  const names = new Set<string>();
  const hasTimes = head.has("time_ns");
  let firstNs: number | undefined;
  let lastNs = 0;
  for (let line = 2; head.size > 0 && line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() === "") continue;
    const row = readRow(cellsOf(text), head, line, problems);
    if (row === null) continue;
    if (row.timeNs < lastNs)
      problems.report(line, `time before that of the line above: ${row.timeNs}`);
    lastNs = Math.max(lastNs, row.timeNs);
    names.add(row.who);
    firstNs ??= row.timeNs;
    if (who !== undefined && row.who !== who) builder.addOther(row.address, row.size);
    else builder.add(row.address, row.size, row.access, row.timeNs * PS_PER_NS);
  }
  const isUnusable = problems.hasErrors;
  const trace = (isUnusable ? new TraceBuilder(pageBytes) : builder).build(
    hasTimes,
    (firstNs ?? 0) * PS_PER_NS,
  );
  return { trace, names: [...names], diagnostics: problems.sorted() };
}

/** Positions of the columns; empty when the first line has no use. */
function readHead(source: SourceText, problems: TraceProblems): Map<Column, number> {
  const head = new Map<Column, number>();
  for (const [i, { text, from, to }] of cellsOf(source.lineText(1)).entries()) {
    const column = COLUMNS.find((name) => name === text);
    if (column === undefined) {
      const hint = hintForName("columns", text, COLUMNS);
      problems.report(1, `unknown column: ${text || "without a name"}`, { hint }, from, to);
    } else if (head.has(column)) {
      problems.report(1, `column twice: ${text}`, {}, from, to);
    } else {
      head.set(column, i);
    }
  }
  const missing = (["address", "access"] as const).filter((name) => !head.has(name));
  for (const name of missing) {
    const hint = "the first line names the columns, such as time_ns,who,address,access,size";
    problems.report(1, `missing column: ${name}`, { hint });
  }
  return missing.length > 0 ? new Map() : head;
}

interface Row {
  readonly timeNs: number;
  readonly who: string;
  readonly address: number;
  readonly access: number;
  readonly size: number;
}

function readRow(
  cells: readonly Cell[],
  head: ReadonlyMap<Column, number>,
  line: number,
  problems: TraceProblems,
): Row | null {
  if (cells.length !== head.size) {
    problems.report(line, `${cells.length} values for ${head.size} columns`);
    return null;
  }
  let isGood = true;
  const number = (column: Column, most: number): number => {
    const cell = cells[head.get(column) ?? -1];
    if (cell === undefined) return 0;
    const isNumber = /^(0[xX][0-9a-fA-F]+|[0-9]+)$/u.test(cell.text);
    const value = isNumber ? Number(cell.text) : Number.NaN;
    if (value <= most) return value;
    const hint = "a whole number, or 0x and hexadecimal digits";
    const what = isNumber ? "out of range" : "not a number";
    problems.report(line, `${column} ${what}: ${cell.text}`, { hint }, cell.from, cell.to);
    isGood = false;
    return 0;
  };
  const timeNs = number("time_ns", MOST_TRACE_NS);
  const address = number("address", Number.MAX_SAFE_INTEGER / 2);
  const size = number("size", 2 ** 30);
  const word = cells[head.get("access") as number] as Cell;
  const access = TRACE_ACCESS_NAMES.indexOf(word.text as TraceAccessName);
  if (access < 0) {
    const hint = hintForName("kinds of access", word.text, TRACE_ACCESS_NAMES);
    problems.report(line, `unknown access: ${word.text}`, { hint }, word.from, word.to);
    return null;
  }
  const who = cells[head.get("who") ?? -1]?.text ?? "";
  return isGood ? { timeNs, who, address, access, size } : null;
}

function cellsOf(line: string): Cell[] {
  let at = 0;
  return line.split(",").map((cell) => {
    const from = at + (cell.length - cell.trimStart().length);
    at += cell.length + 1;
    const text = cell.trim();
    return { text, from, to: from + Math.max(1, text.length) };
  });
}
