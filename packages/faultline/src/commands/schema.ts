// `faultline schema KIND`: the JSON Schema of a kind of file, for editors and other tools.
import { machineJsonSchema } from "@faultline/platform";
import { scenarioJsonSchema } from "@faultline/scenario";
import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";

/** Adds the command. The schema is JSON already, so `--json` changes nothing. */
export function addSchemaCommand(program: Command, context: CommandContext): void {
  program
    .command("schema")
    .summary("print the JSON Schema of a kind of file")
    .description("Prints the JSON Schema of a kind of file, for editors and other tools.")
    .addArgument(new Argument("<kind>", "kind of file").choices(["scenario", "machine"]))
    .option("--json", "print JSON, as always")
    .addHelpText(
      "after",
      examplesText([
        { shows: "completion in an editor", line: "schema scenario > scenario.schema.json" },
      ]),
    )
    .action((kind: "scenario" | "machine") =>
      context.printJson(kind === "machine" ? machineJsonSchema() : scenarioJsonSchema()),
    );
}
