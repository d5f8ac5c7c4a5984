// For tests of one command: a program with nothing else in it.
import { Command, CommanderError } from "commander";
import { CommandContext } from "../command-context.ts";
import { exitCodeOf } from "../exit-code.ts";
import { CapturedIo } from "./captured-io.ts";

/** How a command line went. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Texts and bytes that were written, by path. */
  readonly written: ReadonlyMap<string, string>;
  readonly writtenBytes: ReadonlyMap<string, Uint8Array>;
}

/** Runs `argv` on a program to which `add` has added a command; `files` can be read. */
export async function runCommand(
  add: (program: Command, context: CommandContext) => void,
  argv: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<Ran> {
  const io = new CapturedIo(files);
  const context = new CommandContext(io);
  const program = new Command("faultline").exitOverride().configureOutput(io);
  add(program, context);
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) context.note("bad-input");
  }
  const { out, err, written, writtenBytes } = io;
  return { code: exitCodeOf(context.outcome), out, err, written, writtenBytes };
}
