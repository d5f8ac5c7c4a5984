// Compares per-page lists and cuts the difference down to the first run of differing pages.

import type { FieldDifference } from "./difference.ts";

/** How a list of pages is compared and shown. */
export interface ListKind<T> {
  /** The run-length text of the values from `first` to before `end`. */
  show(values: T, first: number, end: number): string;
  sizeOf(values: T): number;
  differsAt(expected: T, actual: T, index: number): boolean;
}

/** The difference of two lists, or null when they agree. `firstPage` is the page of index 0. */
export function compareLists<T>(
  kind: ListKind<T>,
  where: { readonly field: string; readonly process: number | null; readonly firstPage: number },
  expected: T,
  actual: T,
): FieldDifference | null {
  const size = kind.sizeOf(expected);
  const actualSize = kind.sizeOf(actual);
  const common = Math.min(size, actualSize);
  let first = 0;
  while (first < common && !kind.differsAt(expected, actual, first)) first++;
  if (first === common && size === actualSize) return null;
  let end = first + 1;
  while (end < common && kind.differsAt(expected, actual, end)) end++;
  if (first === common) end = Math.max(size, actualSize);
  return {
    field: where.field,
    process: where.process,
    pages: [where.firstPage + first, where.firstPage + end - 1],
    expected: kind.show(expected, first, end) || "nothing",
    actual: kind.show(actual, first, end) || "nothing",
    whole: { expected: kind.show(expected, 0, size), actual: kind.show(actual, 0, actualSize) },
  };
}
