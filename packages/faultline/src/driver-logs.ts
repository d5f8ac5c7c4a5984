// What drivers have written for their users while a scenario ran, in files as the kernel's own:
// `--smi` and `--xe-stats` of `faultline run`.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { type ScenarioMachine, stackOf } from "@faultline/scenario";
import { gtStatsText, KfdStack, mergedSmiText, XeStack } from "@faultline/stacks";
import { type Command, Option } from "commander";
import type { CommandIo } from "./command-io.ts";
import { writeOutput } from "./write-output.ts";

/** Where logs go. */
export interface DriverLogOptions {
  readonly smi?: string;
  readonly xeStats?: string;
}

const PLACE = "<command line>";

/** Adds the options to a command that runs scenarios. */
export function addDriverLogOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--smi <file>", "write the SMI events of amdkfd, as its readers see them"),
    )
    .addOption(new Option("--xe-stats <file>", "write the counters of xe, as debugfs prints them"));
}

/** Why logs cannot be written of so many scenarios; null where they can, or nobody asked. */
export function tooManyForLogs(
  { smi, xeStats }: DriverLogOptions,
  nrPlans: number,
): Diagnostic | null {
  if ((smi ?? xeStats) === undefined || nrPlans === 1) return null;
  const option = smi === undefined ? "--xe-stats" : "--smi";
  const message = `${option} is about one run: give one file`;
  return diagnosticFor(PLACE, "E_OPTION_INVALID", message);
}

/** Writes what was asked for, when a run is over; gives what went wrong. */
export function writeDriverLogs(
  io: CommandIo,
  { smi, xeStats }: DriverLogOptions,
  machine: ScenarioMachine,
): Diagnostic[] {
  const problems: (Diagnostic | null)[] = [];
  const stacks = machine.devices.map((device, i) => {
    return { name: machine.deviceNames[i] ?? "", stack: stackOf(device) };
  });
  if (smi !== undefined) {
    const streams = stacks.flatMap(({ stack }) =>
      stack instanceof KfdStack ? [stack.smiLines] : [],
    );
    const text = streams.length === 0 ? null : mergedSmiText(streams);
    problems.push(writeLog(io, smi, text, { option: "--smi", driver: "amdkfd" }));
  }
  if (xeStats !== undefined) {
    const cards = stacks.flatMap(({ name, stack }) =>
      stack instanceof XeStack ? [{ name, text: gtStatsText(stack.counters()) }] : [],
    );
    const parts = cards.map(({ name, text }) => {
      return cards.length === 1 ? text : `==> ${name}/gt0/stats <==\n${text}`;
    });
    const text = cards.length === 0 ? null : parts.join("\n");
    problems.push(writeLog(io, xeStats, text, { option: "--xe-stats", driver: "xe" }));
  }
  return problems.filter((problem) => problem !== null);
}

function writeLog(
  io: CommandIo,
  path: string,
  text: string | null,
  { option, driver }: { readonly option: string; readonly driver: string },
): Diagnostic | null {
  if (text !== null) return writeOutput(io, path, text);
  const message = `${option}: no device is driven by ${driver}`;
  const hint = "drivers are those of the machine document, of `stack:` or of --profile";
  return diagnosticFor(PLACE, "E_OPTION_INVALID", message, { hint });
}
