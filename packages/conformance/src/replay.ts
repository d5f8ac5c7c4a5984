// Replays a case on a kernel under test and finds the first answer that differs from the record.
// After every operation every recorded field of every live process is compared, whether the
// record shows it again or not. Kernel messages are informative and not compared.

import { type ConformanceCase, MAX_PROCESSES } from "./case.ts";
import { ClassPairing } from "./compare-classes.ts";
import { compareOutcome } from "./compare-outcome.ts";
import { compareView } from "./compare-view.ts";
import type { Difference, FieldDifference } from "./difference.ts";
import { ExpectedState } from "./expected-state.ts";
import type {
  KernelFactory,
  KernelPresetName,
  KernelUnderTest,
  ProcessView,
} from "./kernel-under-test.ts";
import { MalformedRecordError } from "./malformed-record-error.ts";
import { formatOp } from "./operation-table.ts";
import type { ConformanceRecord, OpRecord } from "./record.ts";

/** Why a case cannot be compared. */
export type SkipReason = "nondeterministic" | "kernel crashed" | "kernel hung" | "race";

/** How a case went. */
export type CaseResult =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly difference: Difference }
  | { readonly kind: "skipped"; readonly reason: SkipReason };

const PASSED: CaseResult = { kind: "passed" };

/** Why a record is not to be compared, or null when it is. */
export function skipReason(
  conformanceCase: ConformanceCase,
  record: ConformanceRecord,
): SkipReason | null {
  if (record.crash === 1) return "kernel crashed";
  if (record.hang === 1 || record.res.some((answer) => answer.e === "HANG")) return "kernel hung";
  if (conformanceCase.ops.some((op) => op.name === "race")) return "race";
  return record.nondet === 1 ? "nondeterministic" : null;
}

/**
 * Runs a case against its record. The record must be one that parseRecord() and checkRecordFits()
 * accept; a malformed one throws MalformedRecordError. Whatever the kernel throws is reported as
 * its answer.
 */
export function replayCase(
  conformanceCase: ConformanceCase,
  record: ConformanceRecord,
  createKernel: KernelFactory,
  preset: KernelPresetName = "7.2.12",
): CaseResult {
  const reason = skipReason(conformanceCase, record);
  if (reason !== null) return { kind: "skipped", reason };
  const { ops } = conformanceCase;
  if (record.res.length !== ops.length) {
    throw new MalformedRecordError(`${record.id} answers ${record.res.length} of ${ops.length}`);
  }
  const expected = new ExpectedState();
  const pairing = new ClassPairing();
  let kernel: KernelUnderTest | undefined;
  for (let opIndex = 0; opIndex < ops.length; opIndex++) {
    const op = ops[opIndex] as ConformanceCase["ops"][number];
    const answer = record.res[opIndex] as OpRecord;
    expected.advance(op, answer);
    let found: FieldDifference | null;
    try {
      kernel ??= createKernel({ case: conformanceCase, preset });
      found =
        compareOutcome(op, answer, kernel.execute(op, opIndex)) ??
        compareStates(kernel, expected, pairing);
    } catch (error) {
      if (error instanceof MalformedRecordError) throw error;
      found = exceptionDifference(error);
    }
    if (found === null) continue;
    const { id: caseId, category } = conformanceCase;
    const difference = { caseId, category, opIndex, op: formatOp(op), ...found };
    return { kind: "failed", difference };
  }
  return PASSED;
}

function compareStates(
  kernel: KernelUnderTest,
  expected: ExpectedState,
  pairing: ClassPairing,
): FieldDifference | null {
  const views: (ProcessView | null)[] = [];
  for (let process = 0; process < MAX_PROCESSES; process++) {
    const recorded = expected.processes[process] ?? null;
    const view = kernel.observe(process);
    views.push(view);
    if (recorded === null || view === null) {
      if (recorded === view) continue;
      const [wanted, got] = [recorded, view].map((state) => (state === null ? "dead" : "alive"));
      const texts = { expected: wanted ?? "", actual: got ?? "" };
      return { field: "process", process, pages: null, ...texts };
    }
    const difference = compareView(process, recorded, view);
    if (difference) return difference;
  }
  return pairing.compare(expected.processes, views);
}

function exceptionDifference(error: unknown): FieldDifference {
  const actual = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { field: "exception", process: null, pages: null, expected: "an answer", actual };
}
