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
import { readBytes, writeBytes } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";
import { packageVersion } from "./version.ts";

const FORMATS = [".csv", ".jsonl", ".parquet"] as const;

/** The option. @param what each row is. */
export function rowsOption(what: string): Option {
  const text = `write ${what} as a row: a file that ends with ${FORMATS.join(", ")}`;
  return new Option("-o, --output <file>", text).argParser((path: string) => {
    if (formatOf(path) !== null) return path;
    throw new InvalidArgumentError(`the name ends with one of ${FORMATS.join(", ")}.`);
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
  const format = formatOf(path);
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
  switch (formatOf(path)) {
    case ".parquet":
      return rowsAsParquet(rows, { createdBy: `faultline ${packageVersion()}` });
    case ".jsonl":
      return new TextEncoder().encode(rowsAsJsonl(rows));
    default:
      return new TextEncoder().encode(rowsAsCsv(rows));
  }
}

function formatOf(path: string): (typeof FORMATS)[number] | null {
  return FORMATS.find((ending) => path.toLowerCase().endsWith(ending)) ?? null;
}
