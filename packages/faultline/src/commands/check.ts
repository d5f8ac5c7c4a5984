// `faultline check FILE…`: what is wrong with scenarios, without running them.
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import { setOption } from "../set-option.ts";

/** Adds the command. */
export function addCheckCommand(program: Command, context: CommandContext): void {
  program
    .command("check")
    .summary("check scenarios without running them")
    .description("Reports every problem of scenario files at once, with its place and a hint.")
    .argument("<files...>", "scenario files; - is stdin")
    .addOption(setOption())
    .option("--json", "print the diagnostics as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "check every scenario of a folder", line: "check scenarios/*.yaml" },
        { shows: "diagnostics for an editor", line: "check --json - < scenarios/quickstart.yaml" },
      ]),
    )
    .action((files: string[], options: { json?: true; set?: readonly string[] }) => {
      const { diagnostics } = loadScenarios(context, files, options.set);
      if (options.json) printDiagnosticsJson(context, diagnostics);
      else if (diagnostics.length === 0) {
        context.io.writeErr(
          `${files.length === 1 ? "1 file" : `${files.length} files`}, no problems\n`,
        );
      }
    });
}
