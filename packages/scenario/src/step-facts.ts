// What a report says of every step, with a clock or without.
import { describeStep } from "./describe-step.ts";
import type { PlannedStep } from "./plan.ts";
import type { StepOutcome } from "./step-outcome.ts";

/** What is told of a step, with a clock or without. */
export interface StepFacts {
  readonly index: number;
  readonly line: number;
  readonly column: number;
  /** The file of the line, where the step comes from another one than the scenario's. */
  readonly file?: string;
  /** The step in one line of text. */
  readonly text: string;
  readonly result: string;
  readonly pages?: number;
  readonly faults?: number;
  /** How often a step with `every` has happened. */
  readonly times?: number;
}

/** The facts of a step that came out like this. */
export function stepFacts(planned: PlannedStep, outcome: StepOutcome): StepFacts {
  const { result, pages, faults, times } = outcome;
  const { place, otherFile } = planned;
  return {
    index: planned.index,
    line: place.line,
    column: place.column,
    ...(otherFile === null ? {} : { file: otherFile }),
    text: describeStep(planned),
    result,
    ...(pages === undefined ? {} : { pages }),
    ...(faults === undefined ? {} : { faults }),
    ...(times === undefined ? {} : { times }),
  };
}
