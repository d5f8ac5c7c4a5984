// Rows with named values as files: comma-separated values, JSON lines or Parquet, and read back.
// What benchmarks and sweeps write; a row is a cell.

/** A value of a row; null for one that there is not. */
export type RowValue = string | number | boolean | null;
/** A row. What a row lacks is null. */
export type NamedRow = Readonly<Record<string, RowValue>>;

/** The columns of rows, in the order in which they first appear. */
export function columnsOf(rows: readonly NamedRow[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** Values in objects under the names that lead to them, with dots between; lists are JSON. */
export function flatRow(value: object, prefix = ""): Record<string, RowValue> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
      const name = prefix === "" ? key : `${prefix}.${key}`;
      if (inner === undefined) return [];
      if (Array.isArray(inner)) return [[name, JSON.stringify(inner)]];
      if (typeof inner === "object" && inner !== null) {
        return Object.entries(flatRow(inner, name));
      }
      return [[name, inner as RowValue]];
    }),
  );
}

/** Comma-separated values (RFC 4180) with a line of column names; lines end with LF. */
export function rowsAsCsv(rows: readonly NamedRow[]): string {
  const columns = columnsOf(rows);
  const lines = rows.map((row) => columns.map((name) => csvCell(row[name] ?? null)).join(","));
  return `${[columns.map(csvCell).join(","), ...lines].join("\n")}\n`;
}

/** An object for each row, in a line of its own. */
export function rowsAsJsonl(rows: readonly NamedRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/** What the file says of itself. */
export interface RowOrigin {
  /** Such as `faultline 0.1.0`. */
  readonly createdBy: string;
}

/**
 * The bytes of a Parquet file. A column of whole numbers is INT64, one of numbers DOUBLE, any other
 * one text; each can be null. The same rows give the same bytes.
 */
export async function rowsAsParquet(
  rows: readonly NamedRow[],
  { createdBy }: RowOrigin,
): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const columnData = columnsOf(rows).map((name) => {
    const values = rows.map((row) => row[name] ?? null);
    return { name, ...typed(values), nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData, createdBy }));
}

type Typed =
  | { readonly type: "BOOLEAN"; readonly data: (boolean | null)[] }
  | { readonly type: "INT64"; readonly data: (bigint | null)[] }
  | { readonly type: "DOUBLE"; readonly data: (number | null)[] }
  | { readonly type: "STRING"; readonly data: (string | null)[] };

function typed(values: readonly RowValue[]): Typed {
  const present = values.filter((value) => value !== null);
  if (present.length > 0 && present.every((value) => typeof value === "boolean")) {
    return { type: "BOOLEAN", data: values as (boolean | null)[] };
  }
  if (present.length === 0 || !present.every((value) => typeof value === "number")) {
    return { type: "STRING", data: values.map((value) => (value === null ? null : String(value))) };
  }
  const numbers = values as (number | null)[];
  return present.every((value) => Number.isSafeInteger(value))
    ? { type: "INT64", data: numbers.map((value) => (value === null ? null : BigInt(value))) }
    : { type: "DOUBLE", data: numbers };
}

/** Rows of a Parquet file that `rowsAsParquet` has written. Throws what is wrong with the bytes. */
export async function rowsFromParquet(bytes: Uint8Array): Promise<NamedRow[]> {
  const { parquetReadObjects } = await import("hyparquet");
  // The bytes of a file that was read may be a part of a larger buffer.
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file });
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]: [string, unknown]) => [name, plain(value)]),
    ),
  );
}

/** Rows of JSON lines. Throws what is wrong with a line. */
export function rowsFromJsonl(text: string): NamedRow[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as NamedRow);
}

function plain(value: unknown): RowValue {
  if (typeof value === "bigint") return Number(value);
  return (value ?? null) as RowValue;
}

function csvCell(value: RowValue): string {
  const text = value === null ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
