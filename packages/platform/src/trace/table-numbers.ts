// Numbers in the cells of a table; what is wrong with one is told at its place.
import type { TableCell, TableRow } from "./table-rows.ts";
import type { TraceProblems } from "./trace-problems.ts";

/** Thousands are told apart by commas where people read them. */
const NUMBER = /^(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?$/u;

/** Reads the cells of one table. */
export class TableNumbers {
  private readonly problems: TraceProblems;

  constructor(problems: TraceProblems) {
    this.problems = problems;
  }

  /** A number that must be there; 0, with a word, where none is. */
  number(row: TableRow, column: string): number {
    const cell = row.cells.get(column);
    if (cell === undefined) {
      this.problems.report(row.line, `no value in the column ${column}`);
      return 0;
    }
    return this.numberOf(row, cell, column);
  }

  /** A number, or null where the table says that there is none. */
  numberOrNone(row: TableRow, column: string, none: string): number | null {
    const cell = row.cells.get(column);
    return cell === undefined || cell.text === none ? null : this.numberOf(row, cell, column);
  }

  /** A whole number as it stands in the file, which may be hexadecimal. */
  address(row: TableRow, column: string): number {
    const cell = row.cells.get(column);
    const text = cell?.text ?? "";
    if (/^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/u.test(text)) {
      const value = Number(text);
      if (value <= Number.MAX_SAFE_INTEGER / 2) return value;
    }
    this.problems.report(row.line, `not an address: ${text}`, {}, cell?.from, cell?.to);
    return 0;
  }

  private numberOf({ line }: TableRow, { text, from, to }: TableCell, column: string): number {
    const value = NUMBER.test(text) ? Number(text.replaceAll(",", "")) : Number.NaN;
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    const what = Number.isNaN(value) ? "not a number" : "out of range";
    this.problems.report(line, `${column} ${what}: ${text}`, {}, from, to);
    return 0;
  }
}
