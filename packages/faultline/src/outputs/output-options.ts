// Options of commands that run under a clock: what a run leaves behind in files.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { type Command, InvalidArgumentError, Option } from "commander";
import { TABLE_FORMATS, tableFormatOf } from "./table-files.ts";

/** Files that were asked for. */
export interface OutputOptions {
  readonly faults?: string;
  readonly migrations?: string;
  readonly stages?: string;
  /** A folder. */
  readonly parquet?: string;
  readonly html?: string;
  /** A folder. */
  readonly figures?: string;
  readonly trace?: string;
}

/** The options' names, in the order of help. */
export const OUTPUT_NAMES = [
  "html",
  "figures",
  "trace",
  "faults",
  "migrations",
  "stages",
  "parquet",
] as const;

/** Adds the options to a command. */
export function addOutputOptions(command: Command): Command {
  const endings = TABLE_FORMATS.join(", ");
  return command
    .option("--html <file>", "write a report with figures and tables as one HTML file")
    .option("--figures <folder>", "write each figure of the report as SVG into a folder")
    .option("--trace <file>", "write a timeline for Perfetto: a file that ends with .pftrace")
    .addOption(
      tableOption("--faults", `write every fault as a row: a file that ends with ${endings}`),
    )
    .addOption(tableOption("--migrations", "the same of every copy from one place to another"))
    .addOption(tableOption("--stages", "the same of every stage and wait of every fault"))
    .option("--parquet <folder>", "write all three tables into a folder, as Parquet");
}

/** Every output has times, which only a clock gives; null when nothing was asked for. */
export function outputsWithoutClock(options: OutputOptions, file: string): Diagnostic | null {
  const name = OUTPUT_NAMES.find((one) => options[one] !== undefined);
  if (name === undefined) return null;
  const hint = "give it a profile with --profile";
  const message = `--${name} without a clock: ${file} names no profile`;
  return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
}

function tableOption(flag: string, text: string): Option {
  return new Option(`${flag} <file>`, text).argParser((path: string) => {
    if (tableFormatOf(path) !== null) return path;
    throw new InvalidArgumentError(`the name ends with one of ${TABLE_FORMATS.join(", ")}.`);
  });
}
