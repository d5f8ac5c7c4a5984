// `faultline completion SHELL`: the script that lets a shell complete our command lines.
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { examplesText } from "../command-examples.ts";

/** Adds the command, and the hidden one that the scripts call; to be added after all others. */
export function addCompletionCommand(program: Command): void {
  tab(program, { completionCommandName: "completion" });
  const command = program.commands.find((candidate) => candidate.name() === "completion");
  command?.description("print a completion script for a shell").addHelpText(
    "after",
    examplesText([
      { shows: "complete in this shell", line: "completion bash > ~/.faultline.bash" },
      { shows: "complete in zsh", line: "completion zsh > ~/.zfunc/_faultline" },
    ]),
  );
}
