// From text to a plan: YAML, then the schema, then names. Every problem of the file at once.
import {
  type Diagnostic,
  DiagnosticSink,
  readYaml,
  schemaDiagnostics,
  type SourceText,
  type YamlSource,
} from "@faultline/diagnostics";
import { checkMachine } from "./check-machine.ts";
import { checkMemory } from "./check-memory.ts";
import { checkWorkloads } from "./check-workloads.ts";
import { composeScenario } from "./compose/compose-scenario.ts";
import { planExpectations } from "./expect/check-expectations.ts";
import type { Override } from "./compose/override.ts";
import { checkProfiles } from "./timed/own-profiles.ts";
import { loadMachineFile, type ReadReferenced } from "./load-machine-file.ts";
import type { ScenarioPlan } from "./plan.ts";
import { loadTraces } from "./load-traces.ts";
import { NO_PLUGINS, type Plugins } from "./plugins.ts";
import { plannedMachine } from "./planned-machine.ts";
import { resolveSteps } from "./resolve-steps.ts";
import { scenarioSchemaWith } from "./schema/scenario-schema.ts";

/** A plan when the file is good, and everything there is to say about it. */
export interface LoadedScenario {
  readonly plan: ScenarioPlan | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of other files that diagnostics may point into. */
  readonly sources: readonly SourceText[];
}

/** How a scenario is loaded. */
export interface LoadOptions {
  /** Values that go over those of the files: see `applyOverrides`. */
  readonly overrides?: readonly Override[];
  /** Drivers, policies, patterns and profiles that it may name beside those of the package. */
  readonly plugins?: Plugins;
}

/** A scenario without files of its own: every reference leads nowhere. */
const NO_FILES: ReadReferenced = () => null;

/**
 * Checks a scenario.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @param read reads the files that the scenario refers to.
 * @returns a plan unless a diagnostic is an error; never throws for bad input.
 */
export function loadScenario(
  text: string,
  fileName: string,
  read: ReadReferenced = NO_FILES,
  options: LoadOptions = {},
): LoadedScenario {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { plan: null, diagnostics, sources: [] };
  return loadScenarioFrom(yaml, fileName, read, options);
}

/**
 * Checks a scenario that has been parsed, alone or as a part of another document.
 * @param read reads the files that the scenario refers to.
 */
export function loadScenarioFrom(
  yaml: YamlSource,
  fileName: string,
  read: ReadReferenced = NO_FILES,
  { overrides = [], plugins }: LoadOptions = {},
): LoadedScenario {
  const composed = composeScenario(yaml, read, overrides);
  const { diagnostics, sources } = composed;
  if (composed.yaml === null) {
    const sink = new DiagnosticSink();
    sink.addAll(diagnostics);
    return { plan: null, diagnostics: sink.sorted(), sources };
  }
  const planned = planScenario(composed.yaml, fileName, read, plugins);
  return { ...planned, sources: [...sources, ...planned.sources] };
}

/**
 * Checks a scenario that has been composed (see `composeScenario`); nothing of it refers to other
 * scenarios any more.
 */
export function planScenario(
  yaml: YamlSource,
  fileName: string,
  read: ReadReferenced = NO_FILES,
  plugins: Plugins = NO_PLUGINS,
): LoadedScenario {
  const schema = scenarioSchemaWith({
    drivers: [...plugins.drivers.stacks.keys()],
    patterns: [...plugins.workloads.keys()],
  });
  const parsed = schema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (!parsed.success) {
    sink.addAll(schemaDiagnostics(yaml, schema, parsed.error.issues));
    return { plan: null, diagnostics: sink.sorted(), sources: [] };
  }
  const document = parsed.data;
  const referenced = loadMachineFile(yaml, document, read);
  sink.addAll(referenced.diagnostics);
  const sources = referenced.source === null ? [] : [referenced.source];
  if (document.machine.file !== undefined && referenced.machine === null) {
    return { plan: null, diagnostics: sink.sorted(), sources };
  }
  const machine = plannedMachine(document, referenced.machine);
  sink.addAll(checkMachine(yaml, document, machine, plugins));
  sink.addAll(checkMemory(yaml, document, machine));
  sink.addAll(checkProfiles(yaml, document, machine, plugins.profiles));
  sink.addAll(checkWorkloads(yaml, document, plugins));
  const replayed = loadTraces(yaml, document, read, machine.geometry.pageShift);
  sink.addAll(replayed.diagnostics);
  sources.push(...replayed.sources);
  const { steps, diagnostics: problems } = resolveSteps(yaml, document, machine, replayed.traces);
  sink.addAll(problems);
  const { expectations, diagnostics: unfit } = planExpectations(yaml, document, machine);
  sink.addAll(unfit);
  const { machine: machineDocument } = referenced;
  const plan = {
    file: fileName,
    document,
    machine: machineDocument,
    steps,
    expectations,
    plugins,
  };
  return { plan: sink.hasErrors ? null : plan, diagnostics: sink.sorted(), sources };
}
