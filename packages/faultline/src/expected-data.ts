// What a scenario is known to do, kept in a file beside it so that a change shows as a difference:
// `faultline run FILE --update`.
import { type Diagnostic, diagnosticFor } from "@faultline/diagnostics";
import { Option } from "commander";
import type { CommandContext } from "./command-context.ts";
import { readSource } from "./read-source.ts";
import { writeOutput } from "./write-output.ts";

/** The option `--update`. */
export function updateOption(): Option {
  const text = "write what each scenario does to NAME.expected.txt beside it, and say what changed";
  return new Option("--update", text);
}

/** Options that change what a scenario does; expected data is of the scenario as it stands. */
const OTHER_RUNS = ["kernel", "profile", "seed", "set", "uncertainty", "vmstat", "json"] as const;

/** Why there is no expected data of such a run; null where there is. */
export function noExpectedData(
  options: Readonly<Record<string, unknown>>,
  files: readonly string[],
): Diagnostic | null {
  const problem = (message: string): Diagnostic => {
    const hint = "expected data is of a scenario as it stands";
    return diagnosticFor("<command line>", "E_OPTION_INVALID", message, { hint });
  };
  if (options.update === undefined) return null;
  const other = OTHER_RUNS.find((name) => options[name] !== undefined);
  if (other !== undefined) return problem(`--update beside --${other}`);
  return files.includes("-") ? problem("--update of stdin") : null;
}

/** Writes the text of a run where it differs from what is there; gives what went wrong. */
export function updateExpected(context: CommandContext, file: string, text: string): Diagnostic[] {
  const path = `${file.replace(/\.ya?ml$/, "")}.expected.txt`;
  const expected = expectedText(text);
  const before = readSource(context.io, path).source?.text;
  if (before === expected) return [];
  const problem = writeOutput(context.io, path, expected);
  if (problem === null) {
    context.io.writeOut(`${path}: ${before === undefined ? "new" : "changed"}\n`);
  }
  return problem === null ? [] : [problem];
}

/** Reasons, and where to find them, are left out: how often each decided stays in the table. */
function expectedText(text: string): string {
  return text.replaceAll(/^ *why: .*\n/gm, "");
}
