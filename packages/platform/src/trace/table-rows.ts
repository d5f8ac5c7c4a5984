// Tables of other tools, as comma-separated values or as columns over a line of dashes: cells by
// the name of their column, with where they stand.
import type { SourceText } from "@faultline/diagnostics";

/** A cell, with the columns of its line that it takes, from 0. */
export interface TableCell {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A row of a table. */
export interface TableRow {
  /** From 1. */
  readonly line: number;
  /** By the name of the column; a cell that is missing is absent. */
  readonly cells: ReadonlyMap<string, TableCell>;
  readonly nrCells: number;
}

/** A table in a text. */
export interface Table {
  /** The line of the names. */
  readonly line: number;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

/** Cells between commas; a cell in double quotes may hold some. */
export function commaCells(line: string): TableCell[] {
  const cells: TableCell[] = [];
  for (const { 0: found, index } of line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/gu)) {
    if (index === line.length && index > 0 && !line.endsWith(",")) break;
    const raw = found.endsWith(",") ? found.slice(0, -1) : found;
    const text = raw.trim();
    const from = index + (raw.length - raw.trimStart().length);
    const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
    const bare = isQuoted ? text.slice(1, -1).replaceAll('""', '"') : text;
    cells.push({ text: bare, from, to: from + Math.max(1, text.length) });
    if (index + found.length >= line.length && !found.endsWith(",")) break;
  }
  return cells;
}

/**
 * Every table of a text whose first column `isFirst` knows; what is between them is passed over.
 * @param isFirst whether a name is that of a first column.
 */
export function tablesIn(source: SourceText, isFirst: (name: string) => boolean): Table[] {
  const tables: Table[] = [];
  for (let line = 1; line <= source.nrLines; line++) {
    const table = tableAt(source, line, isFirst);
    if (table === null) continue;
    tables.push(table);
    line = table.rows.at(-1)?.line ?? line;
  }
  return tables;
}

function tableAt(
  source: SourceText,
  line: number,
  isFirst: (name: string) => boolean,
): Table | null {
  const dashes = source.lineText(line + 1);
  if (/^[ -]*--[ -]*$/u.test(dashes)) {
    const spans = [...dashes.matchAll(/-+/gu)].map(({ 0: run, index }) => [
      index,
      index + run.length,
    ]);
    const cut = (text: string): TableCell[] =>
      spans.map(([from = 0, to], i) => cellOf(text, from, i === spans.length - 1 ? undefined : to));
    return tableBelow(source, line, line + 2, cut, isFirst);
  }
  return tableBelow(source, line, line + 1, commaCells, isFirst);
}

function cellOf(line: string, from: number, to?: number): TableCell {
  const raw = line.slice(from, to);
  const text = raw.trim();
  const start = from + (raw.length - raw.trimStart().length);
  return { text, from: start, to: start + Math.max(1, text.length) };
}

function tableBelow(
  source: SourceText,
  headLine: number,
  firstLine: number,
  cut: (text: string) => TableCell[],
  isFirst: (name: string) => boolean,
): Table | null {
  const columns = cut(source.lineText(headLine)).map(({ text }) => text);
  if (!isFirst(columns[0] ?? "")) return null;
  const rows: TableRow[] = [];
  for (let line = firstLine; line <= source.nrLines; line++) {
    const text = source.lineText(line);
    if (text.trim() === "") break;
    const cells = cut(text);
    const named = cells.flatMap((cell, i) => {
      const column = columns[i];
      return column === undefined ? [] : [[column, cell] as const];
    });
    rows.push({ line, cells: new Map(named), nrCells: cells.length });
  }
  return { line: headLine, columns, rows };
}
