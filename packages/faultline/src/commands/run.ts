// `faultline run FILE…`: runs scenarios, prints what happened, checks their expectations.
import { diagnosticToJson } from "@faultline/diagnostics";
import { formatResult, runScenario } from "@faultline/scenario";
import type { Command } from "commander";
import { resultStyle } from "../colours.ts";
import type { CommandContext } from "../command-context.ts";
import { decisionTable } from "../decision-table.ts";
import { examplesText } from "../command-examples.ts";
import { type KernelName, kernelOption, withKernel } from "../kernel-option.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";

interface RunOptions {
  readonly kernel?: KernelName;
  readonly json?: true;
}

const description =
  "Runs scenarios, prints what each step did to each page and why, and checks what the scenarios" +
  " expect. Nothing runs when any of the files has an error.";

/** Adds the command. */
export function addRunCommand(program: Command, context: CommandContext): void {
  program
    .command("run")
    .summary("run scenarios and check their expectations")
    .description(description)
    .argument("<files...>", "scenario files; - is stdin")
    .addOption(kernelOption())
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      examplesText([
        { shows: "what the quick start does", line: "run scenarios/quickstart.yaml" },
        {
          shows: "the same on the kernel as released, for a script",
          line: "run scenarios/quickstart.yaml --kernel 7.2.12 --json",
        },
      ]),
    )
    .action((files: string[], options: RunOptions) => run(context, files, options));
}

function run(context: CommandContext, files: readonly string[], options: RunOptions): void {
  const { plans, diagnostics } = loadScenarios(context, files);
  if (plans.length === 0) {
    if (options.json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const style = resultStyle(context.io.outHasColours);
  const results = plans.map((plan, at) => {
    const result = runScenario(withKernel(plan, options.kernel));
    if (!result.passed) context.note("expectation-failed");
    const gap = at === 0 ? "" : "\n";
    if (!options.json)
      context.io.writeOut(gap + formatResult(result, style) + decisionTable(result));
    return result;
  });
  if (options.json) context.printJson({ results, diagnostics: diagnostics.map(diagnosticToJson) });
}
