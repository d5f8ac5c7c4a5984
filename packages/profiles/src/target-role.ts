// Whether a target can have the role that it claims: a number that went into a profile, by its
// figure or by its source and value, predicts nothing.
import type { Diagnostic, DocumentPath, YamlSource } from "@faultline/diagnostics";
import { figureNumber, figureRoots, shippedFigures } from "./figures.ts";
import { fittedFigures, modelFields, type Profile } from "./profile.ts";
import { isSameDimension, quantityOf } from "./quantity.ts";
import type { TargetDocument } from "./target-schema.ts";
import type { Unit } from "./units.ts";

/** What a target's number shares with what a profile was made of. */
export interface SharedFigures {
  /** Figures, and own numbers of a profile as `PROFILE PATH`. */
  readonly certain: readonly string[];
  /** Figures of other sources that give the same number. */
  readonly likely: readonly string[];
}

/** Looks for what a target and its profiles both rest on. */
export function sharedFigures(
  { published }: TargetDocument,
  profiles: readonly Profile[],
): SharedFigures {
  const named = [
    ...(published.figure === undefined ? [] : [published.figure]),
    ...published.from,
    ...Object.values(published.values ?? {}).filter((value) => typeof value === "string"),
  ];
  const roots = new Set(named.flatMap(figureRoots));
  const certain = new Set<string>();
  const likely = new Set<string>();
  for (const profile of profiles) {
    for (const reference of fittedFigures(profile)) {
      const id = reference.split("/")[0] ?? "";
      const inputs = figureRoots(reference);
      if (inputs.some((root) => roots.has(root))) certain.add(id);
      else if (
        ownNumbers(published).some((own) => [id, ...inputs].some((one) => gives(one, own)))
      ) {
        const isCited = [id, ...inputs].some((one) => isCitedBy(one, published.source ?? ""));
        (isCited ? certain : likely).add(id);
      }
    }
    for (const path of ownFields(profile, published)) certain.add(path);
  }
  const sorted = (names: ReadonlySet<string>): string[] => [...names].sort();
  return { certain: sorted(certain), likely: sorted(likely) };
}

/** Everything there is to say about the role of a target. */
export function roleProblems(
  yaml: YamlSource,
  target: TargetDocument,
  i: number,
  { certain, likely }: SharedFigures,
): Diagnostic[] {
  const path = ["targets", i];
  const found: Diagnostic[] = [];
  const about = (at: DocumentPath, message: string, hint: string): void => {
    found.push(yaml.diagnostic(at, "E_TARGET_ROLE", message, { hint }));
  };
  if (target.role === "prediction") {
    if (certain.length > 0) {
      const hint = "a number that went into a profile is a reproduction, or shows a shape";
      const message = `no prediction: a profile was fitted with ${certain.join(", ")}`;
      about([...path, "role"], message, hint);
    } else if (likely.length > 0) {
      found.push(sameNumber(yaml, path, likely));
    }
  } else {
    const told = target.fitted_with;
    const hint = `fitted_with: [${certain.join(", ")}]`;
    const untold = told.length === 0 ? [] : certain.filter((id) => !told.includes(id));
    const idle = told.filter((id) => !certain.includes(id));
    const at = [...path, "fitted_with"];
    if (untold.length > 0) {
      about(at, `not told that a profile was fitted with ${untold.join(", ")}`, hint);
    }
    if (idle.length > 0) about(at, `no profile was fitted with ${idle.join(", ")}`, hint);
  }
  if (target.role === "shape" && target.tolerance_percent === undefined && !target.order) {
    const hint = "how far, in percent, the number itself may be off";
    about([...path, "role"], "missing for a shape: tolerance_percent", hint);
  }
  return found;
}

function sameNumber(yaml: YamlSource, path: DocumentPath, likely: readonly string[]): Diagnostic {
  const message = `a profile was fitted with the same number: ${likely.join(", ")}`;
  const hint = "if it comes from the same measurement, it is a reproduction";
  return yaml.diagnostic([...path, "role"], "E_TARGET_ROLE", message, {
    hint,
    severity: "warning",
  });
}

type Published = TargetDocument["published"];

/** A number as a document has it. */
interface OwnNumber {
  readonly value: number;
  readonly unit: Unit;
}

function ownNumbers({ value, values, unit }: Published): OwnNumber[] {
  if (unit === undefined) return [];
  const all = [value, ...Object.values(values ?? {})];
  return all.filter((one) => typeof one === "number").map((one) => ({ value: one, unit }));
}

/** Whether a figure, or one of its further numbers, is the same as a number. */
function gives(id: string, own: OwnNumber): boolean {
  const figure = shippedFigures().get(id);
  if (figure === undefined) return false;
  const references = [id, ...Object.keys(figure.more).map((name) => `${id}/${name}`)];
  return references.some((reference) => {
    const number = figureNumber(reference);
    return (
      number !== null && typeof number.value === "number" && isSame(own, number.value, number.unit)
    );
  });
}

/** The same to one part in a thousand, which is as exact as sources print. */
function isSame(own: OwnNumber, value: number, unit: Unit): boolean {
  const [left, right] = [quantityOf(own.unit), quantityOf(unit)];
  if (!isSameDimension(left.powers, right.powers)) return false;
  const [a, b] = [own.value * left.value, value * right.value];
  return Math.abs(a - b) <= Math.abs(b) / 1000;
}

/** Whether a source's text names the source of a figure: by key, title, message or an author. */
function isCitedBy(id: string, source: string): boolean {
  const figure = shippedFigures().get(id);
  if (figure === undefined) return false;
  const text = source.toLowerCase();
  const { authors, title, where } = figure.citation;
  const names = authors
    .replaceAll(/\([^)]*\)|et al\.?/g, "")
    .split(/[,;&]| and /)
    .map((name) => name.trim().split(/\s+/).at(-1) ?? "");
  const words = [figure.source, title, ...where.split(/[\s,;]+/).filter(isTelling), ...names];
  return words.some((word) => word.length > 2 && text.includes(word.toLowerCase()));
}

/** Identifiers, message ids and repositories; words and years of a citation tell nothing. */
function isTelling(word: string): boolean {
  return /[/:@.]/.test(word) && word.length > 10;
}

/** Own numbers of a profile that have the value and the source of the target. */
function ownFields(profile: Profile, published: Published): string[] {
  const { source } = published;
  if (source === undefined) return [];
  return modelFields(profile)
    .filter(({ citation, figures }) => figures.length === 0 && citation === source)
    .filter(({ value, unit }) => {
      return (
        typeof value === "number" && ownNumbers(published).some((own) => isSame(own, value, unit))
      );
    })
    .map(({ path }) => `${profile.id} ${path}`);
}
