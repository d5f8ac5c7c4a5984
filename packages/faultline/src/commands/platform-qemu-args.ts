// The option --qemu-args: a QEMU command line, or @FILE with one.
import { SourceText } from "@faultline/diagnostics";
import { type QemuResult, readQemuMachine } from "@faultline/platform";
import type { CommandContext } from "../command-context.ts";
import { readSource } from "../read-source.ts";
import { showDiagnostics } from "../show-diagnostics.ts";

/** How the option is declared. */
export const QEMU_ARGS_OPTION = [
  "--qemu-args <line>",
  "a QEMU command line with its program, or @FILE that holds one",
] as const;

/** A machine with what was said about its command line. */
export interface QemuArgs extends Pick<QemuResult, "machine" | "diagnostics"> {
  /** `unreadable` when there is no command line to look at. */
  readonly verdict: QemuResult["verdict"] | "unreadable";
}

/** Reads the option's value and shows what is wrong with it. */
export function readQemuArgs(context: CommandContext, value: string): QemuArgs {
  let source = new SourceText("<qemu-args>", value);
  if (value.startsWith("@")) {
    const read = readSource(context.io, value.slice(1));
    if (read.source === undefined) {
      const { problem } = read;
      showDiagnostics(context, [problem]);
      return { machine: null, diagnostics: [problem], verdict: "unreadable" };
    }
    source = read.source;
  }
  const { machine, diagnostics, verdict } = readQemuMachine(source.text, source.file);
  showDiagnostics(context, diagnostics, [source]);
  return { machine, diagnostics, verdict };
}
