// The program: its commands, and how help and mistakes are shown.
import { createWorldUnderTest } from "@faultline/conformance";
import { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { addBenchCommand } from "./commands/bench.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addCompareCommand } from "./commands/compare.ts";
import { addConformanceCommand } from "./commands/conformance.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addExplainCommand } from "./commands/explain.ts";
import { addPlatformCommand } from "./commands/platform.ts";
import { addProfilesCommand } from "./commands/profiles.ts";
import { addImportCommand } from "./commands/import.ts";
import { addReproduceCommand } from "./commands/reproduce.ts";
import { addRunCommand } from "./commands/run.ts";
import { addSchemaCommand } from "./commands/schema.ts";
import { addSweepCommand } from "./commands/sweep.ts";
import { addTopologyCommand } from "./commands/topology.ts";
import { packageVersion } from "./version.ts";

/** The parser of the whole command line; actions note their outcome in `context`. */
export function createProgram(context: CommandContext): Command {
  const { io } = context;
  const program = new Command("faultline")
    .description("Simulates Linux HMM page faults and migration across CPUs, GPUs and NICs.")
    .version(packageVersion(), "-V, --version", "print the version")
    .option("--debug", "show where an internal error happened")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .showHelpAfterError("  hint: --help after a command shows its arguments and examples")
    .exitOverride()
    .configureOutput({
      writeOut: io.writeOut,
      writeErr: io.writeErr,
      getOutHasColors: () => io.outHasColours,
      getErrHasColors: () => io.errHasColours,
      outputError: (text, write) =>
        write(text.replace(/^error: /, "<command line>: error E_OPTION_INVALID: ")),
    })
    .addHelpText("after", `\nExit codes: 0 ok, 1 expectation failed, 2 bad input, 3 our bug.`);
  addRunCommand(program, context);
  addCheckCommand(program, context);
  addCompareCommand(program, context);
  addReproduceCommand(program, context);
  addBenchCommand(program, context);
  addSweepCommand(program, context);
  addExplainCommand(program, context);
  addConformanceCommand(program, context, createWorldUnderTest);
  addTopologyCommand(program, context);
  addImportCommand(program, context);
  addPlatformCommand(program, context);
  addProfilesCommand(program, context);
  addSchemaCommand(program, context);
  // Completion describes every other command, so it comes last.
  addCompletionCommand(program);
  return program;
}
