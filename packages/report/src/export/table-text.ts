// A table as text: comma-separated values, or a JSON object in each line.
import type { RowTable, TableColumn } from "./row-table.ts";

/** Comma-separated values (RFC 4180) with a line of column names; lines end with LF. */
export function tableAsCsv(table: RowTable): string {
  const columns = table.columns();
  const lines = [columns.map(({ name }) => name).join(",")];
  for (let row = 0; row < table.nrRows; row++) {
    lines.push(columns.map((column) => csvCell(valueAt(column, row))).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** An object for each row, in a line of its own. */
export function tableAsJsonl(table: RowTable): string {
  const columns = table.columns();
  const lines: string[] = [];
  for (let row = 0; row < table.nrRows; row++) {
    const values = columns.map((column) => [column.name, valueAt(column, row)] as const);
    lines.push(`${JSON.stringify(Object.fromEntries(values))}\n`);
  }
  return lines.join("");
}

function valueAt(column: TableColumn, row: number): string | number {
  return "words" in column ? (column.words[row] as string) : (column.numbers[row] as number);
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
