// A scenario in which Faultline itself was wrong: its own failure, not that of the files beside it.
import type { ScenarioPlan } from "@faultline/scenario";
import { resultStyle } from "../colours.ts";
import type { FileRun, FileRunOptions } from "./run-file.ts";

/** What was thrown, as data that a worker can hand on. */
export interface Crash {
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

/** The facts of whatever was thrown. */
export function crashOf(thrown: unknown): Crash {
  if (!(thrown instanceof Error)) {
    return { name: "thrown value", message: String(thrown), stack: null };
  }
  return { name: thrown.name, message: thrown.message, stack: thrown.stack ?? null };
}

/** The same as an exception again, for a report. */
export function errorOf({ name, message, stack }: Crash): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== null) error.stack = stack;
  return error;
}

/** What is printed in place of the scenario's result. */
export function crashedFile(
  { file, document }: Pick<ScenarioPlan, "file" | "document">,
  { name, message }: Crash,
  { hasColours, isJson }: FileRunOptions,
): FileRun {
  const error = `${name}: ${message.replaceAll(/\s+/g, " ")}`;
  const { kernel, title } = document;
  const json = { file, title, kernel, passed: false, error };
  const { strong, dim, bad } = resultStyle(hasColours);
  const head = `${strong(title)}\n${dim(`${file}, kernel ${kernel}`)}\n`;
  const text = `${head}\n${bad(`failed: internal error: ${error}`)}\n`;
  return { passed: false, isPartial: false, text: isJson ? "" : text, json: isJson ? json : null };
}
