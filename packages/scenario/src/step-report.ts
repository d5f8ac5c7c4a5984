// What a run tells about each step: its outcome, the decisions made, and the pages that changed.
import type { ExpectationReport } from "./expect/judge.ts";
import type { StepFacts } from "./step-facts.ts";

/** One decision that the kernel made during a step. */
export interface DecisionNote {
  /** Rule id; DECISION_RULES has its sentence and its kernel function. */
  readonly rule: string;
  /** Process whose address space is concerned; null for a folio without one in sight. */
  readonly process: string | null;
  /** `mapping+page`, or null when the range lies in no named mapping. */
  readonly at: string | null;
  readonly nrPages: number;
  /** How often the rule was applied to neighbouring pages. */
  readonly count: number;
}

/** Neighbouring pages that changed alike. */
export interface PageChange {
  readonly process: string;
  readonly at: string;
  readonly nrPages: number;
  readonly before: string;
  readonly after: string;
}

/** A failed expectation. */
export interface Mismatch {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
  /** How far it is from what is expected, where that can be said. */
  readonly by?: string;
}

/** One step after it ran. */
export interface StepReport extends StepFacts {
  readonly decisions: readonly DecisionNote[];
  readonly changes: readonly PageChange[];
  readonly mismatches: readonly Mismatch[];
}

/** A scenario after it ran. */
export interface ScenarioResult {
  readonly file: string;
  readonly title: string;
  readonly kernel: string;
  readonly passed: boolean;
  readonly steps: readonly StepReport[];
  /** What the scenario expects of the whole. */
  readonly expectations: readonly ExpectationReport[];
  /** What the kernel spent in all, by effort kind. */
  readonly effort: Readonly<Record<string, number>>;
  /** What the kernel has counted, by its name in /proc/vmstat; 0 may be missing. */
  readonly vmstat: Readonly<Record<string, number>>;
}
