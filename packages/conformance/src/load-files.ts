// Loads a case file and a record file and joins them by id. Every problem of both files is
// reported; lines without an error can be replayed all the same.

import type { Diagnostic } from "@faultline/diagnostics";
import type { ConformanceCase } from "./case.ts";
import { type InputLine, problemAt } from "./input-line.ts";
import { counting, type Report } from "./json-shape.ts";
import { parseCase } from "./parse-case.ts";
import { checkRecordFits, parseRecord } from "./parse-record.ts";
import { readLines } from "./read-lines.ts";
import type { ConformanceRecord } from "./record.ts";

/** A case with the record that answers it. */
export interface RecordedCase {
  readonly case: ConformanceCase;
  readonly record: ConformanceRecord;
}

/** What two files hold. */
export interface LoadedFiles {
  /** Sound cases that have a sound record, in the order of the case file. */
  readonly recorded: readonly RecordedCase[];
  /** Cases without a record, and records without a case; neither is a problem. */
  readonly unansweredCases: number;
  readonly unmatchedRecords: number;
  /** Everything wrong with both files. A line with an error is left out of `recorded`. */
  readonly problems: readonly Diagnostic[];
}

/** What a line holds, and the line itself. */
export interface Entry<T> {
  readonly value: T;
  readonly line: InputLine;
}

/** Reads and joins both files. */
export function loadFiles(casesPath: string, recordsPath: string): LoadedFiles {
  const problems: Diagnostic[] = [];
  const cases = loadFile(casesPath, "E_CONFORMANCE_CASE", parseCase, problems);
  const records = loadFile(recordsPath, "E_CONFORMANCE_RECORD", parseRecord, problems);
  const recorded: RecordedCase[] = [];
  let matches = 0;
  for (const [id, { value }] of cases) {
    const entry = records.get(id);
    if (entry === undefined) continue;
    matches++;
    const counter = counting((message, severity) =>
      problems.push(problemAt(entry.line, "E_CONFORMANCE_JOIN", `${id}: ${message}`, severity)),
    );
    checkRecordFits(value, entry.value, counter.report);
    if (counter.errors === 0) recorded.push({ case: value, record: entry.value });
  }
  const [first] = records.values();
  if (matches === 0 && first !== undefined && cases.size > 0) {
    const message = `no record answers any case of ${casesPath}`;
    problems.push(problemAt(first.line, "E_CONFORMANCE_JOIN", message));
  }
  return {
    recorded,
    unansweredCases: cases.size - matches,
    unmatchedRecords: records.size - matches,
    problems,
  };
}

/** The sound lines of one file by their ids; what is wrong with the others goes to `problems`. */
export function loadFile<T extends { readonly id: string }>(
  file: string,
  code: "E_CONFORMANCE_CASE" | "E_CONFORMANCE_RECORD",
  parse: (json: unknown, report: Report) => T | null,
  problems: Diagnostic[],
): Map<string, Entry<T>> {
  const entries = new Map<string, Entry<T>>();
  const { lines, problem } = readLines(file);
  if (problem) problems.push(problem);
  for (const line of lines ?? []) {
    let json: unknown;
    try {
      json = JSON.parse(line.text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      problems.push(problemAt(line, "E_CONFORMANCE_SYNTAX", `not a line of JSON: ${reason}`));
      continue;
    }
    const value = parse(json, (message, severity) =>
      problems.push(problemAt(line, code, message, severity)),
    );
    if (value === null) continue;
    const other = entries.get(value.id);
    if (other === undefined) entries.set(value.id, { value, line });
    else problems.push(problemAt(line, code, `${value.id}: already on line ${other.line.line}`));
  }
  return entries;
}
