// Reads and checks the scenario files of a command line, all of them before anything runs.
import { type Diagnostic, diagnosticToJson, type SourceText } from "@faultline/diagnostics";
import type { CommandContext } from "./command-context.ts";
import { readSource } from "./read-source.ts";
import type { ScenarioFunctions, ScenarioOverrides } from "./scenario-functions.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** The plans in the order of the files, and everything that was said about them. */
export interface LoadedScenarios<Plan> {
  /** Empty when any file has an error. */
  readonly plans: readonly { readonly file: string; readonly plan: Plan }[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads every file and shows every diagnostic of all of them; an error is noted as bad input. */
export function loadScenarios<Plan, Result>(
  context: CommandContext,
  scenarios: ScenarioFunctions<Plan, Result>,
  files: readonly string[],
  overrides: ScenarioOverrides = {},
): LoadedScenarios<Plan> {
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  const plans: { file: string; plan: Plan }[] = [];
  for (const path of files) {
    const read = readSource(context.io, path);
    if (read.source === undefined) {
      diagnostics.push(read.problem);
      continue;
    }
    sources.push(read.source);
    const { file, text } = read.source;
    const loaded = scenarios.loadScenario(text, file, overrides);
    diagnostics.push(...loaded.diagnostics);
    if (loaded.plan !== undefined) plans.push({ file, plan: loaded.plan });
  }
  showDiagnostics(context, diagnostics, sources);
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  return { plans: hasErrors ? [] : plans, diagnostics };
}

/** Prints diagnostics as the JSON value of a command that could not do more. */
export function printDiagnosticsJson(
  context: CommandContext,
  diagnostics: readonly Diagnostic[],
): void {
  context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
}
