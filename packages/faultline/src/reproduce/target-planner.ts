// What has to run for a target: its scenarios as plans, each at its profile, and whether they have
// the steps and devices that are measured.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  readYaml,
  type SourceText,
  type YamlSource,
} from "@faultline/diagnostics";
import type { Measure, Profile, Target, TargetRun } from "@faultline/profiles";
import {
  loadScenarioFrom,
  type ReadReferenced,
  type ScenarioPlan,
  timedPlan,
  type TimedPlan,
} from "@faultline/scenario";
import { runNamed } from "./evaluate-measure.ts";

/** A run of a target, ready to go. */
export interface PlannedRun {
  /** Empty where a target has only one. */
  readonly name: string;
  readonly profile: Profile;
  /** Null where nothing is run. */
  readonly planned: TimedPlan | null;
  /** Equal keys give equal results. */
  readonly key: string;
}

/** A target at one of its profiles, or at those of its runs. */
export interface PublishedCase {
  readonly target: Target;
  readonly runs: readonly PlannedRun[];
}

/** Plans the targets of one document. */
export class TargetPlanner {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources: SourceText[] = [];
  private readonly yaml: YamlSource;
  private readonly read: ReadReferenced;

  constructor(yaml: YamlSource, read: ReadReferenced) {
    this.yaml = yaml;
    this.read = read;
  }

  /** A target at each of its profiles; what is wrong is in the diagnostics. */
  plan(target: Target): PublishedCase[] {
    const cases = target.cases.map(({ runs }) => runs.flatMap((run) => this.planRun(run) ?? []));
    const [first] = cases;
    if (first !== undefined) this.checkMeasures(target, first);
    return cases.map((runs) => ({ target, runs }));
  }

  private planRun({ name, profile, scenarioPath, changesPath }: TargetRun): PlannedRun | null {
    if (scenarioPath === null) return { name, profile, planned: null, key: "" };
    const layers = this.layersOf(this.yaml.below(scenarioPath));
    if (changesPath !== null) layers?.push(this.yaml.below(changesPath));
    const plan = layers === null ? null : this.planOf(layers);
    if (plan === null) return null;
    const key = JSON.stringify([plan.document, plan.machine, profile.id, [...profile.fields]]);
    return { name, profile, planned: timedPlan(plan, { all: profile, byDevice: new Map() }), key };
  }

  /** A scenario, then what is laid over it; each is checked with all below it. */
  private planOf([first, ...others]: readonly YamlSource[]): ScenarioPlan | null {
    if (first === undefined) return null;
    // Files that the scenario names stay where the scenario has them.
    const { file } = first.source;
    let value = first.value;
    let plan = this.checked(first, file);
    for (const layer of others) {
      if (plan === null) return null;
      const whole = layer.over(value);
      value = whole.value;
      plan = this.checked(whole, file);
    }
    return plan;
  }

  private checked(yaml: YamlSource, file: string): ScenarioPlan | null {
    const read: ReadReferenced = (path) => this.read(path, file);
    const { plan, diagnostics, sources } = loadScenarioFrom(yaml, file, read);
    this.diagnostics.push(...diagnostics);
    this.sources.push(...sources);
    return plan;
  }

  /** A scenario that is written out, or `{ file: …, with: … }`; null when there is no such file. */
  private layersOf(own: YamlSource): YamlSource[] | null {
    const { file, with: changes, ...rest } = own.value as Readonly<Record<string, unknown>>;
    if (file === undefined) return [own];
    for (const key of Object.keys(rest)) {
      const hint = "beside `file` there is `with`, what is different";
      const message = `unknown key: ${key}`;
      this.diagnostics.push(own.diagnostic([key], "E_KEY_UNKNOWN", message, { hint, ofKey: true }));
    }
    const source = typeof file === "string" ? this.read(file, this.yaml.source.file) : null;
    if (source === null) {
      const hint = "the path starts at the folder of the file of targets";
      const message = `no such file: ${typeof file === "string" ? file : "no path"}`;
      this.diagnostics.push(own.diagnostic(["file"], "E_FILE_NOT_FOUND", message, { hint }));
      return null;
    }
    this.sources.push(source);
    const { yaml, diagnostics } = readYaml(source.text, source.file);
    this.diagnostics.push(...diagnostics);
    if (yaml === null) return null;
    return changes === undefined ? [yaml] : [yaml, own.below(["with"])];
  }

  private checkMeasures({ measure, order, path }: Target, runs: readonly PlannedRun[]): void {
    if (measure !== null) this.check(measure, [...path, "measure"], runs, undefined);
    for (const [name, one] of Object.entries(order ?? {})) {
      this.check(one, [...path, "order", name], runs, undefined);
    }
  }

  private check(
    measure: Measure,
    path: DocumentPath,
    runs: readonly PlannedRun[],
    from: string | undefined,
  ): void {
    if (measure.of === "number") return;
    const name = measure.in ?? from;
    if ("parts" in measure) {
      for (const [i, part] of measure.parts.entries()) {
        this.check(part, [...path, "parts", i], runs, name);
      }
      return;
    }
    const plan = runNamed(runs, name)?.planned?.plan;
    if (plan === undefined) return;
    const nrSteps = plan.steps.length;
    for (const step of "step" in measure ? [measure.step].flat() : []) {
      if (step === "run" || step <= nrSteps) continue;
      this.report([...path, "step"], `there is no step ${step}: the scenario has ${nrSteps}`);
    }
    const names =
      plan.machine?.devices.map((one) => one.name) ??
      plan.document.machine.devices.map((one) => one.name);
    const known = measure.of === "counter" ? names : [...names, "cpu"];
    const device = "device" in measure ? measure.device : undefined;
    if (device === undefined || known.includes(device)) return;
    const hint = hintForName("devices", device, known);
    const message = `unknown device: ${device}`;
    const at = [...path, "device"];
    this.diagnostics.push(this.yaml.diagnostic(at, "E_NAME_UNKNOWN", message, { hint }));
  }

  private report(path: DocumentPath, message: string): void {
    this.diagnostics.push(this.yaml.diagnostic(path, "E_TARGET_MEASURE", message));
  }
}
