// The recorded state of every process, put together from the changes a record shows.
// A field that was never shown is not applicable and stays undefined; a snapshot that was closed
// is null. All processes' classes `c` belong to one numbering, that of the latest dump.

import { MAX_DEVICES, MAX_PROCESSES } from "./case.ts";
import { MalformedRecordError } from "./malformed-record-error.ts";
import type { CaseOp } from "./operation.ts";
import {
  LETTER_FIELDS,
  type LetterField,
  type OpRecord,
  SNAPSHOT_FIELDS,
  type StateDelta,
  type VmaView,
} from "./record.ts";
import { decodeBytes, decodeClasses, decodeLetters } from "./run-length.ts";

/** The recorded state of one live process. */
export interface ExpectedProcess {
  v: readonly VmaView[] | undefined;
  readonly letters: Partial<Record<LetterField, string>>;
  c: Int32Array | undefined;
  /** By device: undefined = never shown, null = closed. */
  readonly snapshots: (Uint8Array | null | undefined)[];
}

function newProcess(): ExpectedProcess {
  return {
    v: undefined,
    letters: {},
    c: undefined,
    snapshots: Array.from<undefined>({ length: MAX_DEVICES }),
  };
}

function expand<T>(text: string, decode: (text: string) => T | null, field: string): T {
  const value = decode(text);
  if (value === null) throw new MalformedRecordError(`\`${field}\` holds no such text: ${text}`);
  return value;
}

/** Recorded states by process number, advanced one operation at a time. */
export class ExpectedState {
  /** Null where the process does not exist. */
  readonly processes: (ExpectedProcess | null)[] = Array.from<null>({
    length: MAX_PROCESSES,
  }).fill(null);

  constructor() {
    this.processes[0] = newProcess();
  }

  /** Takes in the answer to an operation. */
  advance(op: CaseOp, record: OpRecord): void {
    const succeeded = record.e === undefined;
    if (op.name === "exit" && succeeded) this.processes[op.process] = null;
    if (op.name === "fork" && succeeded) this.processes[op.child] = newProcess();
    for (const [number, delta] of Object.entries(record.st ?? {})) {
      const process = this.processes[Number(number)];
      if (process) applyDelta(process, delta);
      else throw new MalformedRecordError(`\`st\` shows process ${number}, which does not exist`);
    }
  }
}

function applyDelta(process: ExpectedProcess, delta: StateDelta): void {
  if (delta.v !== undefined) process.v = delta.v;
  if (delta.c !== undefined) process.c = expand(delta.c, decodeClasses, "c");
  for (const field of LETTER_FIELDS) {
    const text = delta[field];
    if (text !== undefined) process.letters[field] = expand(text, decodeLetters, field);
  }
  for (let device = 0; device < MAX_DEVICES; device++) {
    const field = SNAPSHOT_FIELDS[device] as (typeof SNAPSHOT_FIELDS)[number];
    const text = delta[field];
    if (text === undefined) continue;
    process.snapshots[device] = text === null ? null : expand(text, decodeBytes, field);
  }
}
