// What the benchmarks of cells have in common: the options that say how cells are shown, and
// showing them.
import type { Command } from "commander";
import { type BenchJson, cellRows } from "./cell-rows.ts";
import type { CommandContext } from "./command-context.ts";
import { rowsOption, writeRows } from "./rows-option.ts";
import { seedOption } from "./seed-option.ts";

/** What a user has chosen of them. */
export interface BenchOutputOptions {
  readonly seed?: number;
  readonly markdown?: true;
  readonly scenario?: true;
  readonly json?: true;
  readonly output?: string;
}

/** Adds the options. */
export function addBenchOutputOptions(command: Command): Command {
  return command
    .addOption(seedOption())
    .option("--markdown", "print the tables in Markdown")
    .option("--scenario", "print the scenario of the first cell in place of running any")
    .option("--json", "print every cell as JSON")
    .addOption(rowsOption("every cell"));
}

/**
 * Writes the cells where the user wants rows, and prints them as JSON or as text.
 * @param name of the benchmark, which the rows carry.
 */
export async function showBench(
  context: CommandContext,
  name: string,
  options: BenchOutputOptions,
  json: BenchJson,
  asText: () => string,
): Promise<void> {
  if (options.output !== undefined) {
    await writeRows(context, options.output, cellRows(name, json));
  }
  if (options.json === true) context.printJson(json);
  else context.io.writeOut(asText());
}
