// `faultline run FILE…`: runs scenarios, prints what happened, checks their expectations.
import { diagnosticToJson } from "@faultline/diagnostics";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import { loadScenarios, printDiagnosticsJson } from "../load-scenarios.ts";
import type { ScenarioFunctions, ScenarioOverrides } from "../scenario-functions.ts";

interface RunOptions extends ScenarioOverrides {
  readonly json?: true;
}

/** Adds the command. */
export function addRunCommand<Plan, Result>(
  program: Command,
  context: CommandContext,
  scenarios: ScenarioFunctions<Plan, Result>,
): void {
  program
    .command("run")
    .summary("run scenarios and check their expectations")
    .description(
      "Runs scenarios, prints what happened to each page and each fault, and checks what they" +
        " expect. No scenario runs when any of the files has an error.",
    )
    .argument("<files...>", "scenario files; - is stdin")
    .option("--kernel <preset>", "kernel to behave like, in place of the scenario's")
    .option("--set <key=value...>", "change a value of the scenario, such as machine.thp=always")
    .option("--seed <number>", "seed, in place of the scenario's", parseSeed)
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
    .action((files: string[], options: RunOptions) => run(context, scenarios, files, options));
}

function run<Plan, Result>(
  context: CommandContext,
  scenarios: ScenarioFunctions<Plan, Result>,
  files: readonly string[],
  { json, ...overrides }: RunOptions,
): void {
  const { plans, diagnostics } = loadScenarios(context, scenarios, files, overrides);
  if (plans.length === 0) {
    if (json) printDiagnosticsJson(context, diagnostics);
    return;
  }
  const results: { file: string; result: unknown }[] = [];
  for (const { file, plan } of plans) {
    const result = scenarios.runScenario(plan);
    if (!scenarios.meetsExpectations(result)) context.note("expectation-failed");
    if (json) results.push({ file, result: scenarios.resultToJson(result) });
    else context.io.writeOut(scenarios.formatResult(result));
  }
  if (json) context.printJson({ results, diagnostics: diagnostics.map(diagnosticToJson) });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffff_ffff) {
    throw new InvalidArgumentError("It must be a whole number below 2^32.");
  }
  return seed;
}
