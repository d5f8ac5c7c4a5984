// The program: its commands, and how help and mistakes are shown. Only the code of the command that
// a line names is loaded, because loading all of it takes longer than most commands.
import { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { packageVersion } from "./version.ts";

/** Adds a command to the program. */
type AddCommand = (program: Command, context: CommandContext) => void;

/** The commands in the order of the help, and how the code of each comes in. */
const COMMANDS: readonly (readonly [name: string, load: () => Promise<AddCommand>])[] = [
  ["run", async () => (await import("./commands/run.ts")).addRunCommand],
  ["check", async () => (await import("./commands/check.ts")).addCheckCommand],
  ["compare", async () => (await import("./commands/compare.ts")).addCompareCommand],
  ["reproduce", async () => (await import("./commands/reproduce.ts")).addReproduceCommand],
  ["bench", async () => (await import("./commands/bench.ts")).addBenchCommand],
  ["sweep", async () => (await import("./commands/sweep.ts")).addSweepCommand],
  ["explain", async () => (await import("./commands/explain.ts")).addExplainCommand],
  ["conformance", loadConformance],
  ["topology", async () => (await import("./commands/topology.ts")).addTopologyCommand],
  ["import", async () => (await import("./commands/import.ts")).addImportCommand],
  ["platform", async () => (await import("./commands/platform.ts")).addPlatformCommand],
  ["profiles", async () => (await import("./commands/profiles.ts")).addProfilesCommand],
  ["schema", async () => (await import("./commands/schema.ts")).addSchemaCommand],
];

/** Replays need the recordings, and the simulated kernel that is to agree with them. */
async function loadConformance(): Promise<AddCommand> {
  const [{ addConformanceCommand }, { createWorldUnderTest }] = await Promise.all([
    import("./commands/conformance.ts"),
    import("@faultline/conformance"),
  ]);
  return (program, context) => addConformanceCommand(program, context, createWorldUnderTest);
}

/**
 * The parser of a command line; actions note their outcome in `context`. It knows the command that
 * the line names, or, when it names none (help, completion, a mistake), all of them.
 */
export async function createProgram(
  context: CommandContext,
  argv: readonly string[],
): Promise<Command> {
  const program = emptyProgram(context);
  const name = argv.find((word) => !word.startsWith("-"));
  const named = COMMANDS.filter(([candidate]) => candidate === name);
  const loaded = named.length > 0 ? named : COMMANDS;
  for (const addCommand of await Promise.all(loaded.map(([, load]) => load()))) {
    addCommand(program, context);
  }
  if (named.length === 0) {
    // Completion describes every other command, so it comes last.
    const { addCompletionCommand } = await import("./commands/completion.ts");
    addCompletionCommand(program);
  }
  return program;
}

/** The program without commands. */
function emptyProgram(context: CommandContext): Command {
  const { io } = context;
  return new Command("faultline")
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
}
