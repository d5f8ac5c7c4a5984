// From text to validation targets: YAML, the schema, then what each target claims. Every problem at
// once.
import {
  type Diagnostic,
  DiagnosticSink,
  hintForName,
  readYaml,
  schemaDiagnostics,
  type YamlSource,
} from "@faultline/diagnostics";
import { citationText, figureNumber, figureReferences, figureRoots } from "./figures.ts";
import type { PricedOperation } from "./operation-schema.ts";
import { fittedFigures, type Profile } from "./profile.ts";
import { shippedProfile, shippedProfileIds } from "./shipped-profiles.ts";
import {
  type Measure,
  TARGET_ROLES,
  type TargetDocument,
  type TargetRole,
  targetsSchema,
} from "./target-schema.ts";
import { type Unit, UNITS } from "./units.ts";

/** A published number that a profile has to come near to. */
export interface Target {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  readonly citation: string;
  /** The figure it is, or null for a number of the document's own. */
  readonly figure: string | null;
  readonly role: TargetRole;
  readonly tolerancePercent: number;
  readonly profiles: readonly string[];
  readonly run: string;
  readonly knobs: Readonly<Record<string, number | string | boolean>>;
  readonly operation: PricedOperation | null;
  /** What of the run of its scenario it is; null where it has none. */
  readonly measure: Measure | null;
  /** Figures of the profiles that the number rests on too; empty for a prediction. */
  readonly fittedWith: readonly string[];
  readonly caveat: string;
}

/** Targets when the file is good, and everything there is to say about it. */
export interface LoadedTargets {
  readonly targets: readonly Target[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a document of targets.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @param own profiles that targets may name beside the shipped ones.
 */
export function loadTargets(
  text: string,
  fileName: string,
  own: readonly Profile[] = [],
): LoadedTargets {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { targets: null, diagnostics };
  const parsed = targetsSchema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (!parsed.success) {
    sink.addAll(schemaDiagnostics(yaml, targetsSchema, parsed.error.issues));
    return { targets: null, diagnostics: sink.sorted() };
  }
  const { targets } = parsed.data;
  const profileOf = (id: string): Profile | null =>
    own.find((profile) => profile.id === id) ?? shippedProfile(id);
  const known = [...own.map(({ id }) => id), ...shippedProfileIds()];
  targets.forEach((target, i) => {
    sink.addAll(duplicateId(yaml, targets, i));
    sink.addAll(numberProblems(yaml, target, i));
    sink.addAll(unknownProfiles(yaml, target, i, known));
    sink.addAll(measureProblems(yaml, target, i));
  });
  // What a role claims is looked up by names, so they have to be right first.
  if (!sink.hasErrors) {
    targets.forEach((target, i) => sink.addAll(roleProblems(yaml, target, i, profileOf)));
  }
  if (sink.hasErrors) return { targets: null, diagnostics: sink.sorted() };
  const resolved = targets.map((target) => resolveTarget(target, profileOf));
  return { targets: resolved, diagnostics: sink.sorted() };
}

/** The targets of a document that is known to be good. */
export function parseTargets(value: unknown): Target[] {
  return targetsSchema.parse(value).targets.map((one) => resolveTarget(one, shippedProfile));
}

function duplicateId(
  yaml: YamlSource,
  targets: readonly TargetDocument[],
  i: number,
): Diagnostic[] {
  const first = targets.findIndex(({ id }) => id === targets[i]?.id);
  if (first === i) return [];
  const related = { path: ["targets", first, "id"], message: "the first one is here" };
  const message = `target declared twice: ${targets[i]?.id}`;
  return [yaml.diagnostic(["targets", i, "id"], "E_NAME_DUPLICATE", message, { related })];
}

function numberProblems(yaml: YamlSource, { published }: TargetDocument, i: number): Diagnostic[] {
  const { figure, ...own } = published;
  const path = ["targets", i, "published"];
  const given = Object.keys(own).filter((key) => published[key as keyof typeof own] !== undefined);
  if (figure === undefined) {
    const missing = ["value", "unit", "source"].filter((key) => !given.includes(key));
    if (missing.length === 0) return [];
    const message = `missing for a number without a figure: ${missing.join(", ")}`;
    return [yaml.diagnostic(path, "E_PROFILE_FIELD", message, { ofKey: true })];
  }
  const refused = given.map((key) => {
    const message = `${key} does not belong here: the number is its figure's`;
    return yaml.diagnostic([...path, key], "E_PROFILE_FIELD", message, { ofKey: true });
  });
  const number = figureNumber(figure);
  if (number !== null && typeof number.value === "number") return refused;
  const hint = hintForName("figures", figure, figureReferences(), 3);
  const message = number === null ? `unknown figure: ${figure}` : `no number: ${figure}`;
  const unknown = yaml.diagnostic([...path, "figure"], "E_NAME_UNKNOWN", message, { hint });
  return [...refused, unknown];
}

function unknownProfiles(
  yaml: YamlSource,
  { profiles }: TargetDocument,
  i: number,
  known: readonly string[],
): Diagnostic[] {
  return profiles.flatMap((id, p) => {
    if (known.includes(id)) return [];
    const hint = hintForName("profiles", id, known);
    const path = ["targets", i, "profiles", p];
    return [yaml.diagnostic(path, "E_NAME_UNKNOWN", `unknown profile: ${id}`, { hint })];
  });
}

/** A scenario and what is measured of it belong together, and have to be what the unit says. */
function measureProblems(
  yaml: YamlSource,
  { scenario, measure, published }: TargetDocument,
  i: number,
): Diagnostic[] {
  const path = ["targets", i];
  if (measure === undefined || scenario === undefined) {
    if (measure === scenario) return [];
    const [given, missing] =
      measure === undefined ? ["scenario", "measure"] : ["measure", "scenario"];
    const message = `missing beside ${given}: ${missing}`;
    return [yaml.diagnostic([...path, given], "E_TARGET_MEASURE", message, { ofKey: true })];
  }
  const { figure } = published;
  const unit = figure === undefined ? published.unit : figureNumber(figure)?.unit;
  if (unit === undefined || MEASURE_UNITS[measure.of](unit)) return [];
  const message = `${measure.of} is not measured in ${unit}`;
  return [yaml.diagnostic([...path, "measure", "of"], "E_TARGET_MEASURE", message)];
}

/** The units of what can be measured. */
const MEASURE_UNITS: Readonly<Record<Measure["of"], (unit: Unit) => boolean>> = {
  time: (unit) => UNITS[unit].dimension === "time" || unit === "ms/GiB",
  fault: (unit) => UNITS[unit].dimension === "time",
  faults: (unit) => unit === "count",
  rate: (unit) => UNITS[unit].dimension === "rate" || unit === "Mpages/s",
};

/** A number that a profile was fitted with is no prediction, and what it rests on is told. */
function roleProblems(
  yaml: YamlSource,
  target: TargetDocument,
  i: number,
  profileOf: (id: string) => Profile | null,
): Diagnostic[] {
  const path = ["targets", i];
  const shared = sharedFigures(target, profileOf);
  const found: Diagnostic[] = [];
  if (target.role === "prediction" && shared.length > 0) {
    const message = `no prediction: a profile was fitted with ${shared.join(", ")}`;
    const hint = "a number that went into a profile is a reproduction, or shows a shape";
    found.push(yaml.diagnostic([...path, "role"], "E_TARGET_ROLE", message, { hint }));
  }
  if (target.role !== "prediction") {
    const untold = shared.filter((id) => !target.fitted_with.includes(id));
    const idle = target.fitted_with.filter((id) => !shared.includes(id));
    const hint = `fitted_with: [${shared.join(", ")}]`;
    const at = target.fitted_with.length === 0 ? [...path, "role"] : [...path, "fitted_with"];
    if (untold.length > 0) {
      const message = `not told that a profile was fitted with ${untold.join(", ")}`;
      found.push(yaml.diagnostic(at, "E_TARGET_ROLE", message, { hint }));
    }
    if (idle.length > 0) {
      const message = `no profile was fitted with ${idle.join(", ")}`;
      found.push(yaml.diagnostic(at, "E_TARGET_ROLE", message, { hint }));
    }
  }
  if (target.role === "shape" && target.tolerance_percent === undefined) {
    const hint = "how far, in percent, the number itself may be off";
    const message = "missing for a shape: tolerance_percent";
    found.push(yaml.diagnostic([...path, "role"], "E_TARGET_ROLE", message, { hint }));
  }
  return found;
}

/** Figures that went into a profile of the target and that its number rests on too. */
function sharedFigures(
  { published: { figure }, profiles }: TargetDocument,
  profileOf: (id: string) => Profile | null,
): string[] {
  if (figure === undefined) return [];
  const roots = new Set(figureRoots(figure));
  const used = profiles.flatMap((id) => {
    const profile = profileOf(id);
    return profile === null ? [] : [...fittedFigures(profile)];
  });
  const shared = used.filter((other) => figureRoots(other).some((root) => roots.has(root)));
  return [...new Set(shared.map((reference) => reference.split("/")[0] ?? ""))].sort();
}

function resolveTarget(target: TargetDocument, profileOf: (id: string) => Profile | null): Target {
  const { published, role } = target;
  const number = published.figure === undefined ? null : figureNumber(published.figure);
  const tolerance = target.tolerance_percent ?? TARGET_ROLES[role].tolerancePercent ?? 0;
  return {
    id: target.id,
    what: target.what,
    value: number === null ? (published.value ?? 0) : Number(number.value),
    unit: number?.unit ?? published.unit ?? "us",
    citation: number === null ? (published.source ?? "") : citationText(number.figure.citation),
    figure: published.figure ?? null,
    role,
    tolerancePercent: tolerance,
    profiles: target.profiles,
    run: target.run ?? "",
    knobs: target.knobs,
    operation: target.operation ?? null,
    measure: target.measure ?? null,
    fittedWith: sharedFigures(target, profileOf),
    caveat: target.caveat ?? "",
  };
}

/** Whether a time of a simulation is as near as a target asks. */
export function meetsTarget({ value, unit, tolerancePercent }: Target, simulated: number): boolean {
  const published = value * UNITS[unit].factor;
  return Math.abs(simulated - published) * 100 <= tolerancePercent * published;
}
