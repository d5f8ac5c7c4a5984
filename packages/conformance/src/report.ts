// What a replay of many cases found.

import type { Diagnostic } from "@faultline/diagnostics";
import type { Difference } from "./difference.ts";
import type { KernelPresetName } from "./kernel-under-test.ts";
import type { LoadedFiles } from "./load-files.ts";
import type { CaseResult, SkipReason } from "./replay.ts";

/** How many cases went how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Failing cases whose first difference is of the same kind. */
export interface FailureGroup {
  /** Name of the operation. */
  readonly op: string;
  /** Field of the record format. */
  readonly field: string;
  readonly cases: number;
  /** One case to look at. */
  readonly example: string;
}

/** The outcome of a replay. */
export interface ConformanceReport extends Counts {
  readonly preset: KernelPresetName;
  /** By category, in order of first appearance. */
  readonly categories: Readonly<Record<string, Counts>>;
  /** By reason. */
  readonly skips: Readonly<Partial<Record<SkipReason, number>>>;
  /** Cases without a record and records without a case; they are not counted above. */
  readonly unansweredCases: number;
  readonly unmatchedRecords: number;
  /** First difference of every failing case, in the order of the case file. */
  readonly failures: readonly Difference[];
  /** Failures by operation and field, most frequent first. */
  readonly histogram: readonly FailureGroup[];
  /** What is wrong with the input files. Lines with an error were not replayed. */
  readonly problems: readonly Diagnostic[];
}

type MutableCounts = { -readonly [Field in keyof Counts]: number };

/** Adds up results into a report. */
export class ReportBuilder {
  readonly #total: MutableCounts = { passed: 0, failed: 0, skipped: 0 };
  readonly #categories = new Map<string, MutableCounts>();
  readonly #skips = new Map<SkipReason, number>();
  readonly #failures: Difference[] = [];
  readonly #groups = new Map<
    string,
    { -readonly [Field in keyof FailureGroup]: FailureGroup[Field] }
  >();

  /** Counts the result of one case. */
  add(category: string, result: CaseResult): void {
    let counts = this.#categories.get(category);
    if (counts === undefined) {
      counts = { passed: 0, failed: 0, skipped: 0 };
      this.#categories.set(category, counts);
    }
    counts[result.kind]++;
    this.#total[result.kind]++;
    if (result.kind === "failed") this.#addFailure(result.difference);
    if (result.kind === "skipped") {
      this.#skips.set(result.reason, (this.#skips.get(result.reason) ?? 0) + 1);
    }
  }

  #addFailure(difference: Difference): void {
    this.#failures.push(difference);
    const op = difference.op.split(" ")[0] as string;
    const key = `${op} ${difference.field}`;
    const group = this.#groups.get(key);
    if (group) group.cases++;
    else {
      const { field, caseId: example } = difference;
      this.#groups.set(key, { op, field, cases: 1, example });
    }
  }

  /** The report of everything added so far. */
  build(
    preset: KernelPresetName,
    files: Pick<LoadedFiles, "unansweredCases" | "unmatchedRecords" | "problems">,
  ): ConformanceReport {
    return {
      preset,
      ...this.#total,
      categories: Object.fromEntries(this.#categories),
      skips: Object.fromEntries(this.#skips),
      unansweredCases: files.unansweredCases,
      unmatchedRecords: files.unmatchedRecords,
      failures: this.#failures,
      histogram: [...this.#groups.values()].sort((a, b) => b.cases - a.cases),
      problems: files.problems,
    };
  }
}
