// Whether what a target measures fits the rest of it: a scenario to measure, the unit of the
// published number, and names of runs that the target has.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import { figureNumber } from "./figures.ts";
import type { Measure } from "./measure-schema.ts";
import { isTimePerGib, powersOf } from "./measure-powers.ts";
import { isSameDimension, quantityOf } from "./quantity.ts";
import type { TargetDocument } from "./target-schema.ts";

/** Everything that is wrong with the measures of a target, except what only its scenario shows. */
export function checkMeasures(
  yaml: YamlSource,
  target: TargetDocument,
  path: DocumentPath,
): Diagnostic[] {
  const { measure, order } = target;
  const all = [
    ...(measure === undefined ? [] : [[[...path, "measure"], measure] as const]),
    ...Object.entries(order ?? {}).map(([name, one]) => [[...path, "order", name], one] as const),
  ];
  return [
    ...belongTogether(yaml, target, path),
    ...all.flatMap(([at, one]) => new MeasureChecker(yaml, target).check(one, at)),
  ];
}

/** A scenario and what is measured of it. */
function belongTogether(
  yaml: YamlSource,
  target: TargetDocument,
  path: DocumentPath,
): Diagnostic[] {
  const { scenario, measure, order, runs = {} } = target;
  const what = measure === undefined ? "order" : "measure";
  const report = (at: string, message: string): Diagnostic[] => [
    yaml.diagnostic([...path, at], "E_TARGET_MEASURE", message, { ofKey: true }),
  ];
  if (measure !== undefined && order !== undefined) return report("order", "measure and order");
  const ran = Object.values(runs);
  const isRun = scenario !== undefined || ran.some((one) => one.scenario !== undefined);
  if (measure === undefined && order === undefined) {
    const given = scenario === undefined ? "runs" : "scenario";
    return isRun ? report(given, `missing beside ${given}: measure`) : [];
  }
  const isEach = ran.length > 0 && ran.every((one) => one.scenario !== undefined);
  if (scenario !== undefined || isEach) return [];
  return report(what, `missing beside ${what}: scenario`);
}

class MeasureChecker {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly yaml: YamlSource;
  private readonly target: TargetDocument;

  constructor(yaml: YamlSource, target: TargetDocument) {
    this.yaml = yaml;
    this.target = target;
  }

  check(measure: Measure, path: DocumentPath): readonly Diagnostic[] {
    const { figure, unit: own } = this.target.published;
    const unit = figure === undefined ? own : figureNumber(figure)?.unit;
    this.checkPart(measure, path, undefined);
    const powers = powersOf(measure);
    if (unit === undefined || powers === null) return this.diagnostics;
    const wanted = quantityOf(unit).powers;
    // A rate is of bytes or pages, as the unit has it.
    const isRate = measure.of === "rate" && wanted.time === -1;
    if (isRate || isTimePerGib(measure, unit) || isSameDimension(powers, wanted)) {
      return this.diagnostics;
    }
    this.report([...path, "of"], `${measure.of} is not measured in ${unit}`);
    return this.diagnostics;
  }

  private checkPart(measure: Measure, path: DocumentPath, from: string | undefined): void {
    if (measure.of === "number") return;
    const name = measure.in ?? from;
    if (!("parts" in measure)) {
      this.checkRun(path, name, measure.in !== undefined);
      if (measure.of === "fault") this.checkTake(measure, path);
      return;
    }
    measure.parts.forEach((part, i) => this.checkPart(part, [...path, "parts", i], name));
    if (powersOf(measure) !== null || measure.parts.some((part) => powersOf(part) === null)) return;
    this.report([...path, "parts"], "these are not of one dimension");
  }

  private checkTake(measure: Extract<Measure, { of: "fault" }>, path: DocumentPath): void {
    if (measure.percentile === undefined || measure.take === undefined) return;
    this.report([...path, "take"], "take and percentile: one of them");
  }

  private checkRun(path: DocumentPath, name: string | undefined, isOwn: boolean): void {
    const names = Object.keys(this.target.runs ?? {});
    if (name === undefined && names.length <= 1) return;
    if (name !== undefined && names.includes(name)) return;
    const hint = name === undefined ? `in: one of ${names.join(", ")}` : "";
    const message = name === undefined ? "of which run it is, is not said" : `no such run: ${name}`;
    const known = hint === "" ? hintForName("runs", name ?? "", names) : hint;
    this.report(isOwn ? [...path, "in"] : [...path, "of"], message, known);
  }

  private report(path: DocumentPath, message: string, hint?: string): void {
    this.diagnostics.push(this.yaml.diagnostic(path, "E_TARGET_MEASURE", message, { hint }));
  }
}
