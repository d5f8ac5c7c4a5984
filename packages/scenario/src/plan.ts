// A scenario that has been checked: every name resolved, every place turned into page numbers.
import type { Place } from "@faultline/diagnostics";
import type { AccessTrace, MachineDocument } from "@faultline/platform";
import type { Plugins } from "./plugins.ts";
import type { ScenarioDocument } from "./schema/scenario-schema.ts";
import type { Expectation } from "./schema/expectation-schema.ts";
import type { Step } from "./schema/step-schema.ts";

/** A named mapping as the plan lays it out. */
export interface PlannedMapping {
  readonly name: string;
  /** First virtual page number. */
  readonly start: number;
  readonly nrPages: number;
}

/** One step, ready to run. */
export interface PlannedStep {
  readonly index: number;
  readonly step: Step;
  /** The process that acts. */
  readonly process: string;
  /** The mapping it acts on, if any, and the pages of it. */
  readonly mapping: PlannedMapping | null;
  readonly start: number;
  readonly nrPages: number;
  /** For `check` with `same_frame_as` the page compared with, for `mremap` the new place. */
  readonly otherStart: number;
  /** What a `workload` with `trace` replays. */
  readonly trace: AccessTrace | null;
  /** Where the step is written. */
  readonly place: Place;
  /** The file of a step that is not written in the scenario's own; else null. */
  readonly otherFile: string | null;
}

/** What the whole run must come to, and where that is written. */
export interface PlannedExpectation {
  readonly expectation: Expectation;
  readonly place: Place;
}

/** A checked scenario. */
export interface ScenarioPlan {
  readonly file: string;
  readonly document: ScenarioDocument;
  /** The machine document that `machine.file` names, or null. */
  readonly machine: MachineDocument | null;
  readonly steps: readonly PlannedStep[];
  readonly expectations: readonly PlannedExpectation[];
  /** What a program has brought along for it. */
  readonly plugins: Plugins;
}
