// The option that writes cells or runs as a table: `-o FILE`. The name says the format.
import { diagnosticFor, type Diagnostic } from "@faultline/diagnostics";
import {
  type NamedRow,
  rowsAsCsv,
  rowsAsJsonl,
  rowsAsParquet,
  rowsFromJsonl,
  rowsFromParquet,
} from "@faultline/report";
import { InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import type { CommandIo } from "./command-io.ts";
import { TABLE_FORMATS, tableFormatOf } from "./outputs/table-files.ts";
import { readBytes, writeBytes } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";
import { packageVersion } from "./version.ts";

/** The option. @param what each row is. */
export function rowsOption(what: string): Option {
  const text = `write ${what} as a row: a file that ends with ${TABLE_FORMATS.join(", ")}`;
  return new Option("-o, --output <file>", text).argParser((path: string) => {
    if (tableFormatOf(path) !== null) return path;
    throw new InvalidArgumentError(`the name ends with one of ${TABLE_FORMATS.join(", ")}.`);
  });
}

/** Writes rows; what goes wrong is shown. */
export async function writeRows(
  context: CommandContext,
  path: string,
  rows: readonly NamedRow[],
): Promise<void> {
  const problem = writeBytes(context.io, path, await bytesOf(path, rows));
  if (problem !== undefined) showDiagnostics(context, [problem]);
}

/** Rows that were written as JSON lines or Parquet, or what is wrong with the file. */
export async function readRows(
  io: CommandIo,
  path: string,
): Promise<readonly NamedRow[] | Diagnostic> {
  const format = tableFormatOf(path);
  if (format === null || format === ".csv") {
    const hint = "rows are read from files that end with .parquet or .jsonl";
    return diagnosticFor(path, "E_OPTION_INVALID", "not a table that can be read back", { hint });
  }
  const read = readBytes(io, path);
  if (read.bytes === undefined) return read.problem;
  try {
    if (format === ".jsonl") return rowsFromJsonl(new TextDecoder().decode(read.bytes));
    return await rowsFromParquet(read.bytes);
  } catch (error) {
    const hint = "it was written by something else, or not to its end";
    const what = `no table of rows: ${(error as Error).message}`;
    return diagnosticFor(path, "E_FILE_UNREADABLE", what, { hint });
  }
}

async function bytesOf(path: string, rows: readonly NamedRow[]): Promise<Uint8Array> {
  switch (tableFormatOf(path)) {
    case ".parquet":
      return rowsAsParquet(rows, { createdBy: `faultline ${packageVersion()}` });
    case ".jsonl":
      return new TextEncoder().encode(rowsAsJsonl(rows));
    default:
      return new TextEncoder().encode(rowsAsCsv(rows));
  }
}
