// What the schema cannot say about `expect:`: names, steps, units and bounds that fit.
import {
  type Diagnostic,
  type DocumentPath,
  hintForName,
  type YamlSource,
} from "@faultline/diagnostics";
import type { PlannedExpectation } from "../plan.ts";
import type { PlannedMachine } from "../planned-machine.ts";
import { CPU_MEMBER } from "../resolve-steps.ts";
import type { Expectation, LeafMeasure, Quantity } from "../schema/expectation-schema.ts";
import type { ScenarioDocument } from "../schema/scenario-schema.ts";
import { dimensionOf, leavesOf, needsClock, quantityOf } from "./measure-text.ts";

/** The expectations of a document with their places, and what is wrong with them. */
export function planExpectations(
  yaml: YamlSource,
  document: ScenarioDocument,
  { devices }: PlannedMachine,
): {
  readonly expectations: readonly PlannedExpectation[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const checker = new ExpectationChecker(yaml, document, [
    ...devices.map(({ name }) => name),
    CPU_MEMBER,
  ]);
  const expectations = document.expect.map((expectation, index) => {
    checker.check(expectation, ["expect", index]);
    return { expectation, place: yaml.place(["expect", index]) };
  });
  return { expectations, diagnostics: checker.diagnostics };
}

const BOUNDS = ["at_least", "at_most", "value"] as const;

class ExpectationChecker {
  readonly diagnostics: Diagnostic[] = [];
  private readonly yaml: YamlSource;
  private readonly document: ScenarioDocument;
  private readonly names: readonly string[];

  constructor(yaml: YamlSource, document: ScenarioDocument, names: readonly string[]) {
    this.yaml = yaml;
    this.document = document;
    this.names = names;
  }

  check(expectation: Expectation, path: DocumentPath): void {
    if (needsClock(expectation) && this.document.profile === undefined) {
      const hint = "times and faults are there under a clock: profile: intel-xe-svm-nothp";
      this.report(path, "E_KEY_MISSING", `missing beside ${expectation.of}: profile`, hint);
    }
    this.checkBounds(expectation, path);
    if (expectation.of !== "ratio") {
      this.checkLeaf(expectation, path);
      return;
    }
    for (const [i, part] of expectation.parts.entries()) {
      this.checkLeaf(part, [...path, "parts", i]);
    }
    const [one, other] = leavesOf(expectation).map(dimensionOf);
    if (one === other) return;
    const message = `a ratio of a ${one} and a ${other}`;
    this.report([...path, "parts"], "E_VALUE_TYPE", message, "both are times, or both counts");
  }

  private checkBounds(expectation: Expectation, path: DocumentPath): void {
    const isTime = dimensionOf(expectation) === "time";
    const given = BOUNDS.filter((name) => expectation[name] !== undefined);
    if (given.length === 0) {
      const hint = "at_least and at_most, or value";
      this.report(path, "E_KEY_MISSING", `nothing is expected of ${expectation.of}`, hint);
    }
    for (const name of given) {
      if ((typeof expectation[name] === "string") === isTime) continue;
      const wanted = isTime ? "a time with its unit, such as 400us" : "a number without a unit";
      this.report([...path, name], "E_VALUE_TYPE", `${name} of ${expectation.of}: ${wanted}`);
    }
    if (expectation.within !== undefined && expectation.value === undefined) {
      this.report([...path, "within"], "E_KEY_MISSING", "missing beside within: value");
    }
    const { at_least: low, at_most: high } = expectation;
    if (!isReversed(low, high)) return;
    const message = `at_least ${low} is more than at_most ${high}`;
    this.report([...path, "at_least"], "E_VALUE_RANGE", message);
  }

  private checkLeaf(measure: LeafMeasure, path: DocumentPath): void {
    if ("device" in measure && measure.device !== undefined) {
      const known = measure.of === "counter" ? this.names.slice(0, -1) : this.names;
      if (!known.includes(measure.device)) {
        const hint = hintForName("devices", measure.device, known);
        const message = `unknown device: ${measure.device}`;
        this.report([...path, "device"], "E_NAME_UNKNOWN", message, hint);
      }
    }
    if ("step" in measure && typeof measure.step === "number") {
      const nrSteps = this.document.steps.length;
      if (measure.step > nrSteps) {
        const hint = `steps are 1 to ${nrSteps}`;
        this.report([...path, "step"], "E_VALUE_RANGE", `no such step: ${measure.step}`, hint);
      }
    }
    if (measure.of !== "fault") return;
    if (measure.percentile === undefined || measure.take === undefined) return;
    this.report([...path, "take"], "E_KEY_UNKNOWN", "take and percentile: one of them");
  }

  private report(
    path: DocumentPath,
    code: Diagnostic["code"],
    message: string,
    hint?: string,
  ): void {
    this.diagnostics.push(this.yaml.diagnostic(path, code, message, { hint }));
  }
}

function isReversed(low: Quantity | undefined, high: Quantity | undefined): boolean {
  if (low === undefined || high === undefined || typeof low !== typeof high) return false;
  return quantityOf(low) > quantityOf(high);
}
