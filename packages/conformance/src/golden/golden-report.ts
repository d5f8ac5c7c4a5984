// Replays cases that are an expected value and a way to the actual one, and what that found.
import type { Diagnostic } from "@faultline/diagnostics";
import { renderDiagnostic } from "@faultline/diagnostics";
import { firstDifference, type ValueDifference } from "./first-difference.ts";

/** One recorded answer, and what gives ours. */
export interface GoldenCase {
  readonly name: string;
  readonly expected: unknown;
  readonly answer: () => unknown;
}

/** The first difference of a case. */
export interface GoldenFailure extends ValueDifference {
  readonly case: string;
}

/** Cases to replay, and what is wrong with the files that should hold them. */
export interface GoldenFiles {
  readonly cases: readonly GoldenCase[];
  readonly problems: readonly Diagnostic[];
}

/** The outcome of a replay. */
export interface GoldenReport {
  readonly passed: number;
  readonly failed: number;
  /** In the order of the cases. */
  readonly failures: readonly GoldenFailure[];
  /** What could not be read is not counted above. */
  readonly problems: readonly Diagnostic[];
}

/** Compares every case. An exception of ours is the difference of its case. */
export function replayGolden({ cases, problems }: GoldenFiles): GoldenReport {
  const failures = cases.flatMap((one): GoldenFailure[] => {
    const difference = differenceOf(one);
    return difference === null ? [] : [{ case: one.name, ...difference }];
  });
  return { passed: cases.length - failures.length, failed: failures.length, failures, problems };
}

function differenceOf({ expected, answer }: GoldenCase): ValueDifference | null {
  try {
    return firstDifference(expected, answer());
  } catch (error) {
    const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { place: "", expected: "an answer", actual };
  }
}

const DEFAULT_LIMIT = 20;

/** The report as lines of text; the last is `N passed, N failed`. */
export function formatGoldenReport(report: GoldenReport, limit: number = DEFAULT_LIMIT): string {
  const { passed, failed, failures, problems } = report;
  const shown = failures.slice(0, limit).map(formatFailure);
  const more = failures.length - shown.length;
  if (more > 0 && limit > 0) shown.push(`... and ${more} more failing cases`);
  const blocks = [
    problems.map((problem) => renderDiagnostic(problem)),
    shown,
    [`${passed} passed, ${failed} failed`],
  ];
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

function formatFailure({ case: name, place, expected, actual }: GoldenFailure): string {
  const where = place === "" ? name : `${name}: ${place}`;
  return `${where}: expected ${expected}, got ${actual}`;
}
