// `faultline platform …`: what firmware and virtual machines tell a kernel about a machine. Each
// sub-command has a file of its own and one line here.
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { type CommandExample, examplesText } from "../command-examples.ts";
import { platformTables } from "./platform-acpi.ts";
import { platformBar } from "./platform-bar.ts";
import { platformMemlock } from "./platform-memlock.ts";
import { platformNodes } from "./platform-nodes.ts";
import { platformNpu } from "./platform-npu.ts";

/** One sub-command: how it is added, and an example for the help of the group. */
export interface PlatformCommand {
  readonly add: (platform: Command, context: CommandContext) => void;
  readonly example: CommandExample;
}

const commands: readonly PlatformCommand[] = [
  ...platformTables,
  platformNodes,
  platformBar,
  platformMemlock,
  platformNpu,
];

/** Adds the group with its sub-commands. */
export function addPlatformCommand(program: Command, context: CommandContext): void {
  const platform = program
    .command("platform")
    .summary("show what firmware and virtual machines tell a kernel")
    .description("Shows what firmware and virtual machines tell a kernel about a machine.")
    .addHelpText("after", examplesText(commands.map(({ example }) => example)));
  for (const { add } of commands) add(platform, context);
}
