// A kernel that knows the answers: it reads them out of a record. For testing the replayer, whole
// or with one answer bent; each test then says which field the replayer must complain about.

import type { ConformanceCase } from "./case.ts";
import { ExpectedState } from "./expected-state.ts";
import type { KernelUnderTest, OpOutcome, ProcessView } from "./kernel-under-test.ts";
import type { CaseOp } from "./operation.ts";
import type { ConformanceRecord, OpRecord } from "./record.ts";
import { decodeBytes, decodeStatuses, decodeTokens } from "./run-length.ts";

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

/** What a test may bend after the operation with this index ran. */
export interface Bend {
  readonly opIndex: number;
  readonly outcome?: (outcome: Mutable<OpOutcome>) => void;
  /** Gets the view of a process, or null; returns what to show instead. */
  readonly view?: (process: number, view: Mutable<ProcessView> | null) => ProcessView | null;
}

/** Answers a case as recorded, apart from what `bend` changes. */
export class RecordedKernel implements KernelUnderTest {
  readonly #windowPages: number;
  readonly #record: ConformanceRecord;
  readonly #bend: Bend | undefined;
  readonly #state: ExpectedState = new ExpectedState();
  #opIndex = -1;

  constructor(conformanceCase: ConformanceCase, record: ConformanceRecord, bend?: Bend) {
    this.#windowPages = conformanceCase.windowPages;
    this.#record = record;
    this.#bend = bend;
  }

  execute(op: CaseOp, opIndex: number): OpOutcome {
    const answer = this.#record.res[opIndex] as OpRecord;
    this.#state.advance(op, answer);
    this.#opIndex = opIndex;
    const outcome: Mutable<OpOutcome> = {};
    if (answer.r !== undefined) outcome.r = answer.r;
    if (answer.e !== undefined) outcome.e = answer.e;
    if (answer.cp !== undefined) outcome.cp = answer.cp;
    if (answer.fl !== undefined) outcome.fl = answer.fl;
    if (answer.kc !== undefined) outcome.kc = answer.kc;
    if (answer.t !== undefined) outcome.t = decodeTokens(answer.t) ?? [];
    if (answer.snap !== undefined) outcome.snap = decodeBytes(answer.snap) ?? new Uint8Array();
    if (answer.mv !== undefined) outcome.mv = decodeStatuses(answer.mv) ?? [];
    if (this.#bend?.opIndex === opIndex) this.#bend.outcome?.(outcome);
    return outcome;
  }

  observe(process: number): ProcessView | null {
    const expected = this.#state.processes[process] ?? null;
    const { snapshots, letters, c, v } = expected ?? {};
    const view: Mutable<ProcessView> | null =
      expected === null
        ? null
        : {
            pm: "",
            ...letters,
            v: v ?? [],
            // Other numbers than recorded, with the same partition.
            c: Float64Array.from(c ?? new Int32Array(this.#windowPages), (n) => n * 4096.5),
            snapshots: [...(snapshots ?? [])],
          };
    const bend = this.#bend;
    if (bend?.opIndex !== this.#opIndex || bend.view === undefined) return view;
    return bend.view(process, view);
  }
}
