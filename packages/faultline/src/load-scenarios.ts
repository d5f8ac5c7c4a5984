// Reads and checks the scenario files of a command line, all of them before anything runs.
import { dirname, isAbsolute, join } from "node:path";
import {
  type Diagnostic,
  diagnosticToJson,
  hasErrors,
  type SourceText,
} from "@faultline/diagnostics";
import {
  loadScenario,
  parseOverrides,
  type ReadReferenced,
  type ScenarioPlan,
} from "@faultline/scenario";
import type { CommandContext } from "./command-context.ts";
import type { CommandIo } from "./command-io.ts";
import { readSource } from "./read-source.ts";
import { showDiagnostics } from "./show-diagnostics.ts";

/** What the files of a command line say. */
export interface LoadedScenarios {
  /** In the order of the files; empty when any file has an error. */
  readonly plans: readonly ScenarioPlan[];
  readonly diagnostics: readonly Diagnostic[];
  /** What is written in the files, by their names, after what was set on the command line. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Loads every file and shows every diagnostic of all of them; an error is noted as bad input.
 * @param settings what goes over values of each scenario, `path=value`.
 */
export function loadScenarios(
  context: CommandContext,
  files: readonly string[],
  settings: readonly string[] = [],
): LoadedScenarios {
  const { overrides, source: commandLine, diagnostics: problems } = parseOverrides(settings);
  const diagnostics: Diagnostic[] = [...problems];
  const sources: SourceText[] = [commandLine];
  const plans: ScenarioPlan[] = [];
  const texts = new Map<string, string>();
  for (const path of files) {
    const read = readSource(context.io, path);
    if (read.source === undefined) {
      diagnostics.push(read.problem);
      continue;
    }
    sources.push(read.source);
    const { text, file } = read.source;
    texts.set(file, settings.map((setting) => `# --set ${setting}\n`).join("") + text);
    const loaded = loadScenario(text, file, referenceReader(context.io), { overrides });
    diagnostics.push(...loaded.diagnostics);
    sources.push(...loaded.sources);
    if (loaded.plan !== null) plans.push(loaded.plan);
  }
  showDiagnostics(context, diagnostics, sources);
  return { plans: hasErrors(diagnostics) ? [] : plans, diagnostics, texts };
}

/**
 * Reads files that a scenario names, from the folder of the scenario; stdin and the command line
 * stand in this one.
 */
export function referenceReader(io: CommandIo): ReadReferenced {
  return (path, from) => {
    const folder = from.startsWith("<") ? "." : dirname(from);
    return readSource(io, isAbsolute(path) ? path : join(folder, path)).source ?? null;
  };
}

/** Prints diagnostics as the JSON value of a command that could not do more. */
export function printDiagnosticsJson(
  context: CommandContext,
  diagnostics: readonly Diagnostic[],
): void {
  context.printJson({ diagnostics: diagnostics.map(diagnosticToJson) });
}
