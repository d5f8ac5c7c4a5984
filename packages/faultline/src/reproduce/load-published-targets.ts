// Targets with the scenarios that run them: the file of targets, then each scenario inside it,
// every problem of both at once.
import { type Diagnostic, DiagnosticSink, readYaml, type SourceText } from "@faultline/diagnostics";
import { loadTargets, type Target } from "@faultline/profiles";
import { loadScenarioFrom, type ReadReferenced, type ScenarioPlan } from "@faultline/scenario";

/** A target, and its scenario where it has one. */
export interface PublishedTarget {
  readonly target: Target;
  readonly plan: ScenarioPlan | null;
}

/** The targets of a file when it is good, and everything there is to say about it. */
export interface LoadedPublishedTargets {
  readonly targets: readonly PublishedTarget[];
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of other files that diagnostics may point into. */
  readonly sources: readonly SourceText[];
}

/**
 * Checks a file of targets.
 * @param read reads machine documents that scenarios refer to.
 */
export function loadPublishedTargets(
  text: string,
  file: string,
  read: ReadReferenced,
): LoadedPublishedTargets {
  const loaded = loadTargets(text, file);
  const { yaml } = readYaml(text, file);
  const { targets, diagnostics } = loaded;
  if (targets === null || yaml === null) return { targets: [], diagnostics, sources: [] };
  const sink = new DiagnosticSink();
  sink.addAll(diagnostics);
  const sources: SourceText[] = [];
  const found = targets.map((target, i): PublishedTarget => {
    const { measure } = target;
    if (measure === null) return { target, plan: null };
    const path = ["targets", i, "scenario"];
    const scenario = loadScenarioFrom(yaml.below(path), file, read);
    sink.addAll(scenario.diagnostics);
    sources.push(...scenario.sources);
    const { plan } = scenario;
    const nrSteps = plan?.steps.length ?? 0;
    if (plan !== null && "step" in measure && measure.step > nrSteps) {
      const message = `there is no step ${measure.step}: the scenario has ${nrSteps}`;
      sink.addAll([
        yaml.diagnostic(["targets", i, "measure", "step"], "E_TARGET_MEASURE", message),
      ]);
    }
    return { target, plan };
  });
  return { targets: sink.hasErrors ? [] : found, diagnostics: sink.sorted(), sources };
}
