// `faultline schema KIND`: the JSON Schema of a kind of file, for editors and other tools.
import { machineJsonSchema } from "@faultline/platform";
import { measurementsJsonSchema, profileJsonSchema, targetsJsonSchema } from "@faultline/profiles";
import { scenarioJsonSchema } from "@faultline/scenario";
import { Argument, type Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { examplesText } from "../command-examples.ts";

const SCHEMAS = {
  scenario: scenarioJsonSchema,
  machine: machineJsonSchema,
  profile: profileJsonSchema,
  targets: targetsJsonSchema,
  measurements: measurementsJsonSchema,
} as const;

/** Adds the command. The schema is JSON already, so `--json` changes nothing. */
export function addSchemaCommand(program: Command, context: CommandContext): void {
  program
    .command("schema")
    .summary("print the JSON Schema of a kind of file")
    .description("Prints the JSON Schema of a kind of file, for editors and other tools.")
    .addArgument(new Argument("<kind>", "kind of file").choices(Object.keys(SCHEMAS)))
    .option("--json", "print JSON, as always")
    .addHelpText(
      "after",
      examplesText([
        { shows: "completion in an editor", line: "schema scenario > scenario.schema.json" },
      ]),
    )
    .action((kind: keyof typeof SCHEMAS) => context.printJson(SCHEMAS[kind]()));
}
