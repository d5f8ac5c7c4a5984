// `faultline schema KIND`: the JSON Schema of a kind of file, for editors and other tools.
import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";
import type { ScenarioFunctions } from "../scenario-functions.ts";

/** Adds the command. The schema is JSON already, so `--json` changes nothing. */
export function addSchemaCommand<Plan, Result>(
  program: Command,
  context: CommandContext,
  scenarios: ScenarioFunctions<Plan, Result>,
): void {
  program
    .command("schema")
    .summary("print the JSON Schema of a kind of file")
    .description("Prints the JSON Schema of a kind of file, for editors and other tools.")
    .addArgument(new Argument("<kind>", "kind of file").choices(["scenario"]))
    .option("--json", "print JSON, as always")
    .addHelpText(
      "after",
      examplesText([
        { shows: "completion in an editor", line: "schema scenario > scenario.schema.json" },
      ]),
    )
    .action(() => context.printJson(scenarios.scenarioJsonSchema()));
}
