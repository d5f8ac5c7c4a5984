// Reads one line of a record file and checks a record against its case.
// Every problem is reported; a bad line yields null.

import { type ConformanceCase, MAX_PROCESSES } from "./case.ts";
import {
  counting,
  isObject,
  type JsonObject,
  prefixed,
  preview,
  type Report,
  reportUnknownFields,
  stringField,
} from "./json-shape.ts";
import {
  type ConformanceRecord,
  LETTER_FIELDS,
  type OpRecord,
  SNAPSHOT_FIELDS,
  type StateDelta,
} from "./record.ts";
import {
  decodeBytes,
  decodeClasses,
  decodeLetters,
  decodeStatuses,
  decodeTokens,
} from "./run-length.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
/** `us` is the time a case took on the recorded machine; it is ignored. */
const RECORD_FIELDS = words("id res klog hang crash nondet us");
const ANSWER_FIELDS = words("r e cp fl t snap mv kc note st");
const STATE_FIELDS = words("v pm s0 s1 s2 s3 c k h n u");

type Decoder = (text: string, limit?: number) => { readonly length: number } | null;

const ANSWER_TEXTS: Readonly<Record<string, Decoder>> = {
  t: decodeTokens,
  snap: decodeBytes,
  mv: decodeStatuses,
};
const STATE_TEXTS: Readonly<Record<string, Decoder>> = {
  c: decodeClasses,
  ...Object.fromEntries(LETTER_FIELDS.map((field) => [field, decodeLetters])),
  ...Object.fromEntries(SNAPSHOT_FIELDS.map((field) => [field, decodeBytes])),
};

/** A record from its parsed JSON, or null after reporting what is wrong. */
export function parseRecord(json: unknown, report: Report): ConformanceRecord | null {
  if (!isObject(json)) {
    report(`a record must be an object, not ${preview(json)}`);
    return null;
  }
  const counter = counting(report);
  const count = counter.report;
  reportUnknownFields(json, RECORD_FIELDS, "a record", count);
  stringField(json, "id", count);
  for (const flag of ["hang", "crash", "nondet"]) checkInteger(json, flag, count);
  const answers = json["res"] ?? (json["crash"] === 1 ? [] : undefined);
  if (Array.isArray(answers)) {
    answers.forEach((answer: unknown, index) =>
      checkAnswer(answer, prefixed(`answer ${index}`, count)),
    );
  } else {
    count(`\`res\` must be an array of answers, not ${preview(answers)}`);
  }
  if (counter.errors > 0) return null;
  return { ...json, res: answers as OpRecord[] } as unknown as ConformanceRecord;
}

/** Reports where a well-formed record does not fit its case. */
export function checkRecordFits(
  conformanceCase: ConformanceCase,
  record: ConformanceRecord,
  report: Report,
): void {
  const { ops, windowPages } = conformanceCase;
  const unfinished = record.crash === 1 || record.hang === 1;
  const answers = record.res.length;
  if (answers > ops.length || (answers < ops.length && !unfinished)) {
    report(`the case has ${ops.length} operations, the record ${answers} answers`);
  }
  const alive = [true, false, false];
  record.res.forEach((answer, index) => {
    const op = ops[index];
    if (op?.name === "exit" && answer.e === undefined) alive[op.process] = false;
    if (op?.name === "fork" && answer.e === undefined) alive[op.child] = true;
    for (const [process, delta] of Object.entries(answer.st ?? {})) {
      const tell = prefixed(`answer ${index}: process ${process}`, report);
      if (alive[Number(process)] !== true) tell("does not exist at this point");
      checkSizes(delta, windowPages, tell);
    }
  });
}

function checkAnswer(answer: unknown, report: Report): void {
  if (!isObject(answer)) {
    report(`must be an object, not ${preview(answer)}`);
    return;
  }
  reportUnknownFields(answer, ANSWER_FIELDS, "an answer", report);
  for (const field of ["r", "cp", "fl", "kc"]) checkInteger(answer, field, report);
  const error = answer["e"];
  if (error !== undefined && typeof error !== "string") {
    report(`\`e\` must be the name of an errno, not ${preview(error)}`);
  }
  if (error === undefined && answer["r"] === undefined) report("has neither `r` nor `e`");
  for (const [field, decode] of Object.entries(ANSWER_TEXTS)) {
    if (answer[field] !== undefined) checkText(answer, field, decode, report);
  }
  const states = answer["st"];
  if (states === undefined) return;
  if (!isObject(states)) {
    report(`\`st\` must be an object, not ${preview(states)}`);
    return;
  }
  for (const [process, delta] of Object.entries(states)) {
    checkState(process, delta, prefixed(`process ${process}`, report));
  }
}

function checkState(process: string, delta: unknown, report: Report): void {
  if (!/^[0-9]$/.test(process) || Number(process) >= MAX_PROCESSES) {
    report(`processes are numbered 0 to ${MAX_PROCESSES - 1}`);
  }
  if (!isObject(delta)) {
    report(`a state must be an object, not ${preview(delta)}`);
    return;
  }
  reportUnknownFields(delta, STATE_FIELDS, "a state", report);
  const vmas = delta["v"];
  if (vmas !== undefined && !(Array.isArray(vmas) && vmas.every(isVma))) {
    report(`\`v\` must be an array of [start, len, permissions], not ${preview(vmas)}`);
  }
  for (const [field, decode] of Object.entries(STATE_TEXTS)) {
    const text = delta[field];
    if (text === undefined || (text === null && decode === decodeBytes)) continue;
    checkText(delta, field, decode, report);
  }
}

function isVma(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [start, len, permissions] = value as unknown[];
  return (
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(len) &&
    typeof permissions === "string" &&
    /^[r-][w-][x-][ps]$/.test(permissions)
  );
}

function checkInteger(object: JsonObject, field: string, report: Report): void {
  const value = object[field];
  if (value !== undefined && !Number.isSafeInteger(value)) {
    report(`\`${field}\` must be an integer, not ${preview(value)}`);
  }
}

function checkText(object: JsonObject, field: string, decode: Decoder, report: Report): void {
  const text = object[field];
  if (typeof text === "string" && decode(text) !== null) return;
  report(`\`${field}\` is no run-length text: ${preview(text)}`);
}

/** Reports texts that do not have one value per page of the window. */
function checkSizes(delta: StateDelta, windowPages: number, report: Report): void {
  for (const [field, text] of Object.entries(delta)) {
    const decode = STATE_TEXTS[field];
    if (decode === undefined || typeof text !== "string") continue;
    const size = decode(text, windowPages)?.length;
    if (size === windowPages) continue;
    const covered = size === undefined ? "more than the window" : `${size} pages`;
    report(`\`${field}\` covers ${covered}; the window has ${windowPages} pages`);
  }
}
