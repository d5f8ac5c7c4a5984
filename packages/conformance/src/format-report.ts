// A report as text. The last line is always `N passed, N failed`, with `, N skipped` where any are.

import { renderDiagnostic } from "@faultline/diagnostics";
import { formatDifference } from "./difference.ts";
import type { ConformanceReport, Counts } from "./report.ts";

/** How much to print. */
export interface FormatOptions {
  /** Print the first difference of at most this many cases; default 20. */
  readonly limit?: number;
  /** Also print both values over the whole window. */
  readonly whole?: boolean;
}

const DEFAULT_LIMIT = 20;

/** The report as lines of text, ending with a newline. */
export function formatReport(report: ConformanceReport, options: FormatOptions = {}): string {
  const blocks = [
    report.problems.map((problem) => renderDiagnostic(problem)),
    failureLines(report, options),
    histogramLines(report),
    categoryLines(report),
    noteLines(report),
    [formatCounts(report)],
  ];
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${texts.join("\n\n")}\n`;
}

/** `N passed, N failed`, with `, N skipped` appended when there are any. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function failureLines(report: ConformanceReport, options: FormatOptions): string[] {
  const limit = options.limit ?? DEFAULT_LIMIT;
  const lines: string[] = [];
  for (const failure of report.failures.slice(0, limit)) {
    lines.push(formatDifference(failure));
    if (options.whole === true && failure.whole !== undefined) {
      lines.push(`  expected ${failure.whole.expected}`, `  got      ${failure.whole.actual}`);
    }
  }
  const more = report.failures.length - limit;
  if (more > 0 && limit > 0) lines.push(`... and ${more} more failing cases`);
  return lines;
}

function histogramLines({ histogram }: ConformanceReport): string[] {
  if (histogram.length === 0) return [];
  return table(
    ["first difference", "cases", "for example"],
    histogram.map(({ op, field, cases, example }) => [`${op}: ${field}`, `${cases}`, example]),
    [false, true, false],
  );
}

function categoryLines({ categories }: ConformanceReport): string[] {
  const rows = Object.entries(categories);
  if (rows.length === 0) return [];
  return table(
    ["category", "passed", "failed", "skipped"],
    rows.map(([name, { passed, failed, skipped }]) => [
      name,
      `${passed}`,
      `${failed}`,
      `${skipped}`,
    ]),
    [false, true, true, true],
  );
}

function noteLines({ skips, unansweredCases, unmatchedRecords }: ConformanceReport): string[] {
  const lines = Object.entries(skips).map(([reason, cases]) => `skipped: ${cases} (${reason})`);
  if (unansweredCases > 0) lines.push(`${unansweredCases} cases have no record`);
  if (unmatchedRecords > 0) lines.push(`${unmatchedRecords} records have no case`);
  return lines;
}

/** Columns of equal width, two spaces apart; `right` tells which are aligned right. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right[column] === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
