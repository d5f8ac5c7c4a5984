// The first place where a kernel under test answers otherwise than the recording.

/** Where and how an answer differs. Values are texts of the format, cut to the pages meant. */
export interface Difference {
  readonly caseId: string;
  readonly category: string;
  readonly opIndex: number;
  /** The operation as a case file's text line has it. */
  readonly op: string;
  /** A field of the record format, `process` for its existence, or `exception`. */
  readonly field: string;
  /** The process whose state differs; null when it is the operation's own answer. */
  readonly process: number | null;
  /** First and last differing page of the first run of differing pages; null when not per page. */
  readonly pages: readonly [first: number, last: number] | null;
  readonly expected: string;
  readonly actual: string;
  /** Both values whole, where `pages` cut them. */
  readonly whole?: { readonly expected: string; readonly actual: string };
}

/** A difference before it is known to which operation it belongs. */
export type FieldDifference = Pick<
  Difference,
  "field" | "process" | "pages" | "expected" | "actual" | "whole"
>;

/** One line: where, then both values. */
export function formatDifference(difference: Difference): string {
  const { caseId, opIndex, op, field, process, pages, expected, actual } = difference;
  const owner = process === null ? "" : ` of process ${process}`;
  const range =
    pages === null
      ? ""
      : pages[0] === pages[1]
        ? `, page ${pages[0]}`
        : `, pages ${pages[0]}-${pages[1]}`;
  const place = `${caseId} op ${opIndex} \`${op}\`: ${field}${owner}${range}`;
  return `${place}: expected ${expected}, got ${actual}`;
}
