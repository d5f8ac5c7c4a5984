// The command line from arguments to exit code.
import { diagnosticFor, diagnosticToJson } from "@faultline/diagnostics";
import { CommanderError } from "commander";
import { bugReport } from "./bug-report.ts";
import { CommandContext } from "./command-context.ts";
import { type CommandIo, processIo } from "./command-io.ts";
import { EXIT_CODE_BUG, exitCodeOf } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

/** Runs one command line (without `node` and the script) and gives its exit code. Never throws. */
export async function main(argv: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const context = new CommandContext(io);
  const report = (error: unknown, file?: string): void => {
    io.writeErr(bugReport(error, argv, packageVersion(), argv.includes("--debug"), file));
  };
  try {
    const program = await createProgram(context, argv);
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      report(error);
      return EXIT_CODE_BUG;
    }
    // Help and the version end a command line early; everything else is a mistake in it.
    if (error.exitCode !== 0) reportUsage(context, error, argv.includes("--json"));
  }
  for (const { error, file } of context.bugs) report(error, file);
  return context.bugs.length > 0 ? EXIT_CODE_BUG : exitCodeOf(context.outcome);
}

/** The parser has already explained the mistake on stderr; `--json` also wants it on stdout. */
function reportUsage(context: CommandContext, error: CommanderError, isJson: boolean): void {
  context.note("bad-input");
  if (!isJson) return;
  const message = error.message.replace(/^error: /, "").replaceAll(/\s+/g, " ");
  const diagnostic = diagnosticFor("<command line>", "E_OPTION_INVALID", message);
  context.printJson({ diagnostics: [diagnosticToJson(diagnostic)] });
}
