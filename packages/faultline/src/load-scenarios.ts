// Reads and checks the scenario files of a command line, all of them before anything runs.
import { dirname, join } from "node:path";
import {
  type Diagnostic,
  diagnosticToJson,
  hasErrors,
  type SourceText,
} from "@faultline/diagnostics";
import { loadScenario, type ReadReferenced, type ScenarioPlan } from "@faultline/scenario";
import type { CommandContext } from "./command-context.ts";
import type { CommandIo } from "./command-io.ts";
import { readSource } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** What the files of a command line say. */
export interface LoadedScenarios {
  /** In the order of the files; empty when any file has an error. */
  readonly plans: readonly ScenarioPlan[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads every file and shows every diagnostic of all of them; an error is noted as bad input. */
export function loadScenarios(context: CommandContext, files: readonly string[]): LoadedScenarios {
  const diagnostics: Diagnostic[] = [];
  const sources: SourceText[] = [];
  const plans: ScenarioPlan[] = [];
  for (const path of files) {
    const read = readSource(context.io, path);
    if (read.source === undefined) {
      diagnostics.push(read.problem);
      continue;
    }
    sources.push(read.source);
    const loaded = loadScenario(read.source.text, read.source.file, referenceReader(context.io));
    diagnostics.push(...loaded.diagnostics);
    sources.push(...loaded.sources);
    if (loaded.plan !== null) plans.push(loaded.plan);
  }
  showDiagnostics(context, diagnostics, sources);
  return { plans: hasErrors(diagnostics) ? [] : plans, diagnostics };
}

/** Reads files that a scenario names, from the folder of the scenario; stdin stands in this one. */
export function referenceReader(io: CommandIo): ReadReferenced {
  return (path, from) => {
    const folder = from === "<stdin>" ? "." : dirname(from);
    return readSource(io, join(folder, path)).source ?? null;
  };
}

/** Prints diagnostics as the JSON value of a command that could not do more. */
export function printDiagnosticsJson(
  context: CommandContext,
  diagnostics: readonly Diagnostic[],
): void {
  context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
}
