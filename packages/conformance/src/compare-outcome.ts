// Compares what an operation answered with what was recorded: r, e, cp, fl, kc, t, snap, mv.

import { compareLists, type ListKind } from "./compare-lists.ts";
import type { FieldDifference } from "./difference.ts";
import type { OpOutcome } from "./kernel-under-test.ts";
import { BYTES, STATUSES, TOKENS } from "./list-kinds.ts";
import { MalformedRecordError } from "./malformed-record-error.ts";
import type { CaseOp } from "./operation.ts";
import type { OpRecord } from "./record.ts";
import { decodeBytes, decodeStatuses, decodeTokens } from "./run-length.ts";

const SCALARS = ["r", "cp", "fl", "kc"] as const;

/** The first difference in an operation's own answer, or null. */
export function compareOutcome(
  op: CaseOp,
  record: OpRecord,
  outcome: OpOutcome,
): FieldDifference | null {
  if (record.e !== outcome.e) return difference("e", verdict(record), verdict(outcome));
  for (const field of SCALARS) {
    const found = compareScalar(field, record[field], outcome[field]);
    if (found) return found;
  }
  const firstPage = firstPageOf(op);
  return (
    compareListField("t", TOKENS, decodeTokens, firstPage, record.t, outcome.t) ??
    compareListField("snap", BYTES, decodeBytes, firstPage, record.snap, outcome.snap) ??
    compareListField("mv", STATUSES, decodeStatuses, firstPage, record.mv, outcome.mv)
  );
}

/** The page an operation's per-page answer starts at. */
function firstPageOf(op: CaseOp): number {
  if ("start" in op) return op.start;
  return "page" in op ? op.page : 0;
}

function compareScalar(
  field: (typeof SCALARS)[number],
  expected: number | undefined,
  actual: number | undefined,
): FieldDifference | null {
  if (expected === actual) return null;
  return difference(field, show(expected), show(actual));
}

function compareListField<Decoded extends Actual, Actual>(
  field: string,
  kind: ListKind<Actual>,
  decode: (text: string) => Decoded | null,
  firstPage: number,
  text: string | undefined,
  actual: Actual | undefined,
): FieldDifference | null {
  if (text === undefined) {
    if (actual === undefined) return null;
    return difference(field, "nothing", kind.show(actual, 0, kind.sizeOf(actual)));
  }
  const expected = decode(text);
  if (expected === null) throw new MalformedRecordError(`\`${field}\` holds no such text: ${text}`);
  if (actual === undefined) return difference(field, text, "nothing");
  return compareLists(kind, { field, process: null, firstPage }, expected, actual);
}

function difference(field: string, expected: string, actual: string): FieldDifference {
  return { field, process: null, pages: null, expected, actual };
}

/** The errno, or the return value of what succeeded. */
function verdict(answer: OpRecord | OpOutcome): string {
  return answer.e ?? `success (r = ${show(answer.r)})`;
}

function show(value: number | undefined): string {
  return value === undefined ? "nothing" : String(value);
}
