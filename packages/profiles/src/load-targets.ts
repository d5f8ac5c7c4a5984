// From text to validation targets: YAML, the schema, then what each target claims. Every problem at
// once.
import {
  type Diagnostic,
  DiagnosticSink,
  readYaml,
  schemaDiagnostics,
  type YamlSource,
} from "@faultline/diagnostics";
import { checkTarget } from "./check-target.ts";
import { citationText, figureNumber } from "./figures.ts";
import { quantityOf } from "./quantity.ts";
import { shippedProfile } from "./shipped-profiles.ts";
import type { Target, TargetCase } from "./target.ts";
import { roleProblems, sharedFigures } from "./target-role.ts";
import { type FindProfile, targetCases } from "./target-runs.ts";
import { TARGET_ROLES, type TargetDocument, targetsSchema } from "./target-schema.ts";
import type { Unit } from "./units.ts";

/** Targets when the file is good, and everything there is to say about it. */
export interface LoadedTargets {
  readonly targets: readonly Target[] | null;
  /** The document, whose scenarios are not checked yet. */
  readonly yaml: YamlSource | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks a document of targets, all but their scenarios.
 * @param text the file's text.
 * @param fileName how diagnostics name the file.
 * @param find finds profiles by their names. @defaultValue those that come with Faultline
 */
export function loadTargets(
  text: string,
  fileName: string,
  find: FindProfile = shippedProfile,
): LoadedTargets {
  const { yaml, diagnostics } = readYaml(text, fileName);
  if (yaml === null) return { targets: null, yaml, diagnostics };
  const parsed = targetsSchema.safeParse(yaml.value);
  const sink = new DiagnosticSink();
  if (!parsed.success) {
    sink.addAll(schemaDiagnostics(yaml, targetsSchema, parsed.error.issues));
    return { targets: null, yaml, diagnostics: sink.sorted() };
  }
  const documents = parsed.data.targets;
  const targets = documents.map((target, i) => {
    sink.addAll(duplicateId(yaml, documents, i));
    const problems = checkTarget(yaml, target, i);
    sink.addAll(problems);
    const { cases, diagnostics: unknown } = targetCases(yaml, target, i, find);
    sink.addAll(unknown);
    const profiles = cases.flatMap(({ runs }) => runs.map(({ profile }) => profile));
    const shared = sharedFigures(target, profiles);
    const isKnown = unknown.length === 0 && problems.length === 0;
    if (isKnown) sink.addAll(roleProblems(yaml, target, i, shared));
    return resolveTarget(target, i, cases, shared.certain);
  });
  return { targets: sink.hasErrors ? null : targets, yaml, diagnostics: sink.sorted() };
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

function resolveTarget(
  target: TargetDocument,
  i: number,
  cases: readonly TargetCase[],
  fittedWith: readonly string[],
): Target {
  const { id, what, role, published } = target;
  const { figure, place = "", low = null, high = null, source = "" } = published;
  const number = figure === undefined ? null : figureNumber(figure);
  const unit = number?.unit ?? published.unit ?? "us";
  const citations = [...(source === "" ? [] : [source]), ...citationsOf(published.values)];
  return {
    id,
    what,
    value: number === null ? (published.value ?? 0) : Number(number.value),
    values: target.order === undefined ? {} : valuesIn(unit, published.values),
    unit,
    low,
    high,
    citation: number === null ? citations.join("; ") : citationText(number.figure.citation),
    place,
    figure: figure ?? null,
    role,
    tolerancePercent: target.tolerance_percent ?? TARGET_ROLES[role].tolerancePercent ?? 0,
    profiles: [...new Set(cases.flatMap(({ runs }) => runs.map(({ profile }) => profile.id)))],
    cases,
    run: target.run ?? "",
    knobs: target.knobs,
    operation: target.operation ?? null,
    measure: target.measure ?? null,
    order: target.order ?? null,
    path: ["targets", i],
    notRun: target.not_run ?? "",
    fittedWith,
    caveat: target.caveat ?? "",
    miss: target.miss ?? "",
  };
}

type Values = TargetDocument["published"]["values"];

function valuesIn(unit: Unit, values: Values = {}): Record<string, number> {
  const entries = Object.entries(values).map(([name, value]) => {
    const number = typeof value === "number" ? null : figureNumber(value);
    if (number === null) return [name, Number(value)] as const;
    const own = Number(number.value) * quantityOf(number.unit).value;
    return [name, own / quantityOf(unit).value] as const;
  });
  return Object.fromEntries(entries);
}

function citationsOf(values: Values = {}): string[] {
  const cited = Object.values(values).flatMap((value) => {
    const found = typeof value === "string" ? figureNumber(value) : null;
    return found === null ? [] : [citationText(found.figure.citation)];
  });
  return [...new Set(cited)];
}
