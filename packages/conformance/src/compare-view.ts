// Compares the visible state of one process with the recorded one: v, pm, s0..s3, k, h, n, u.
// Classes `c` span processes and are compared in compare-classes.ts.

import { MAX_DEVICES } from "./case.ts";
import { compareLists } from "./compare-lists.ts";
import type { FieldDifference } from "./difference.ts";
import type { ExpectedProcess } from "./expected-state.ts";
import type { ProcessView } from "./kernel-under-test.ts";
import { BYTES, LETTERS } from "./list-kinds.ts";
import { LETTER_FIELDS, type VmaView } from "./record.ts";
import { encodeBytes } from "./run-length.ts";

/** The first difference in a process's state, or null. */
export function compareView(
  process: number,
  expected: ExpectedProcess,
  view: ProcessView,
): FieldDifference | null {
  return (
    compareVmas(process, expected.v, view.v) ??
    compareLetters(process, expected, view) ??
    compareSnapshots(process, expected, view)
  );
}

function compareVmas(
  process: number,
  expected: readonly VmaView[] | undefined,
  actual: readonly VmaView[],
): FieldDifference | null {
  if (expected === undefined || equalVmas(expected, actual)) return null;
  return {
    field: "v",
    process,
    pages: null,
    expected: JSON.stringify(expected),
    actual: JSON.stringify(actual),
  };
}

function equalVmas(expected: readonly VmaView[], actual: readonly VmaView[]): boolean {
  if (expected.length !== actual.length) return false;
  for (let i = 0; i < expected.length; i++) {
    const [start, len, permissions] = expected[i] as VmaView;
    const other = actual[i] as VmaView;
    if (start !== other[0] || len !== other[1] || permissions !== other[2]) return false;
  }
  return true;
}

function compareLetters(
  process: number,
  expected: ExpectedProcess,
  view: ProcessView,
): FieldDifference | null {
  for (const field of LETTER_FIELDS) {
    const letters = expected.letters[field];
    const actual = view[field] ?? "";
    if (letters === undefined || letters === actual) continue;
    return compareLists(LETTERS, { field, process, firstPage: 0 }, letters, actual);
  }
  return null;
}

function compareSnapshots(
  process: number,
  expected: ExpectedProcess,
  view: ProcessView,
): FieldDifference | null {
  for (let device = 0; device < MAX_DEVICES; device++) {
    const field = `s${device}`;
    const bytes = expected.snapshots[device] ?? null;
    const actual = view.snapshots[device] ?? null;
    if (bytes === null || actual === null) {
      if (bytes === actual) continue;
      const [shown, got] = [bytes, actual].map((b) => (b === null ? "closed" : encodeBytes(b)));
      return { field, process, pages: null, expected: shown ?? "", actual: got ?? "" };
    }
    const difference = compareLists(BYTES, { field, process, firstPage: 0 }, bytes, actual);
    if (difference) return difference;
  }
  return null;
}
