// What the commands need from the scenario language. The commands are given these functions, so
// that they can be tested with a language of a few words.
import type { Diagnostic } from "@faultline/diagnostics";

/** What the command line changes in a scenario before it is checked. */
export interface ScenarioOverrides {
  /** Name of the kernel preset. */
  readonly kernel?: string;
  readonly seed?: number;
  /** `path.to.key=value`, in the order given. */
  readonly set?: readonly string[];
}

/** A scenario read from text: a plan unless a diagnostic is an error. */
export interface LoadedScenario<Plan> {
  readonly plan?: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/** The scenario language, with its own types of plan and result. */
export interface ScenarioFunctions<Plan, Result> {
  loadScenario(text: string, fileName: string, overrides: ScenarioOverrides): LoadedScenario<Plan>;
  runScenario(plan: Plan): Result;
  /** Whether every expectation of the scenario was met. */
  meetsExpectations(result: Result): boolean;
  /** The result as lines for people, ending with a line break. */
  formatResult(result: Result): string;
  /** The result as plain JSON. */
  resultToJson(result: Result): unknown;
  /** JSON Schema of a scenario file. */
  scenarioJsonSchema(): unknown;
}
