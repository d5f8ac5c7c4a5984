// From text to a plan: YAML, then the schema, then names. Every problem of the file at once.
import {
  type Diagnostic,
  DiagnosticSink,
  readYaml,
  schemaDiagnostics,
} from "@faultline/diagnostics";
import { checkMachine } from "./check-machine.ts";
import { checkMemory } from "./check-memory.ts";
import type { ScenarioPlan } from "./plan.ts";
import { resolveSteps } from "./resolve-steps.ts";
import { scenarioSchema } from "./schema/scenario-schema.ts";

/** A plan when the file is good, and everything there is to say about it. */
export interface LoadedScenario {
  readonly plan: ScenarioPlan | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a scenario.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @returns a plan unless a diagnostic is an error; never throws for bad input.
 */
export function loadScenario(text: string, fileName: string): LoadedScenario {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { plan: null, diagnostics };
  const parsed = scenarioSchema.safeParse(yaml.value);
  if (!parsed.success) {
    const sink = new DiagnosticSink();
    sink.addAll(schemaDiagnostics(yaml, scenarioSchema, parsed.error.issues));
    return { plan: null, diagnostics: sink.sorted() };
  }
  const sink = new DiagnosticSink();
  sink.addAll(checkMachine(yaml, parsed.data));
  sink.addAll(checkMemory(yaml, parsed.data));
  const { steps, diagnostics: problems } = resolveSteps(yaml, parsed.data);
  sink.addAll(problems);
  if (sink.hasErrors) return { plan: null, diagnostics: sink.sorted() };
  return {
    plan: { file: fileName, document: parsed.data, steps },
    diagnostics: sink.sorted(),
  };
}
