// The option that writes the faults of runs as a table: `--faults FILE`. The name says the format.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { faultsAsCsv, faultsAsJsonl, faultsAsParquet, type FaultTable } from "@faultline/report";
import { InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import { writeBytes } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";
import { packageVersion } from "./version.ts";

const FORMATS = [".csv", ".jsonl", ".parquet"] as const;

/** The option. */
export function faultsOption(): Option {
  const text = `write every fault as a row: a file that ends with ${FORMATS.join(", ")}`;
  return new Option("--faults <file>", text).argParser((path: string) => {
    if (formatOf(path) !== null) return path;
    throw new InvalidArgumentError(`the name ends with one of ${FORMATS.join(", ")}.`);
  });
}

/** Writes the table; what goes wrong is shown. */
export async function writeFaults(
  context: CommandContext,
  path: string,
  table: FaultTable,
): Promise<void> {
  const problem = writeBytes(context.io, path, await bytesOf(path, table));
  if (problem !== undefined) showDiagnostics(context, [problem]);
}

/** Faults have times only under a clock. */
export function faultsWithoutClock(file: string): Diagnostic {
  const hint = "give it a profile with --profile";
  const message = `--faults without a clock: ${file} names no profile`;
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
}

async function bytesOf(path: string, table: FaultTable): Promise<Uint8Array> {
  switch (formatOf(path)) {
    case ".parquet":
      return faultsAsParquet(table, { createdBy: `faultline ${packageVersion()}` });
    case ".jsonl":
      return new TextEncoder().encode(faultsAsJsonl(table));
    default:
      return new TextEncoder().encode(faultsAsCsv(table));
  }
}

function formatOf(path: string): (typeof FORMATS)[number] | null {
  return FORMATS.find((ending) => path.toLowerCase().endsWith(ending)) ?? null;
}
