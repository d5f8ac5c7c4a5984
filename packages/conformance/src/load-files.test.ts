import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { renderDiagnostic } from "@faultline/diagnostics";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoadedFiles, loadFiles } from "./load-files.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faultline-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const aCase = { id: "a", cat: "single", seed: 1, boot: "std", W: 2, numa: 0, thp: 0 };
const caseLine = JSON.stringify({ ...aCase, ops: [["mmap", 0, 0, 2, "rw", "p"]] });
const state = { v: [[0, 2, "rw-p"]], pm: ".2", c: "0*2" };
const recordLine = JSON.stringify({ id: "a", res: [{ r: 0, st: { 0: state } }] });

function write(name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function load(cases: string | Uint8Array, records: string): LoadedFiles {
  return loadFiles(write("cases.jsonl", cases), write("records.jsonl", records));
}

function problems(files: LoadedFiles): string[] {
  return files.problems.map((problem) => renderDiagnostic(problem).replace(`${folder}/`, ""));
}

describe("loadFiles", () => {
  it("joins by id and counts what has no partner", () => {
    const other = caseLine.replace('"a"', '"b"');
    const stray = recordLine.replace('"a"', '"c"');
    const files = load(`${other}\n\n${caseLine}\n`, `${recordLine}\n${stray}\n`);
    expect(problems(files)).toEqual([]);
    expect(files).toMatchObject({ unansweredCases: 1, unmatchedRecords: 1 });
    expect(files.recorded.map((recorded) => recorded.case.id)).toEqual(["a"]);
  });

  it("reads compressed files", () => {
    const cases = write("cases.jsonl.gz", gzipSync(caseLine));
    const records = write("records.jsonl.br", brotliCompressSync(recordLine));
    expect(loadFiles(cases, records).recorded).toHaveLength(1);
  });

  it("reports files that are missing or not what their name says", () => {
    const files = loadFiles(join(folder, "none"), write("records.jsonl.gz", "plain"));
    expect(problems(files)[0]).toMatch(/^none: error E_CONFORMANCE_FILE: cannot be read: ENOENT/);
    expect(problems(files)[1]).toMatch(/^records.jsonl.gz: error E_CONFORMANCE_FILE: .*header/);
  });

  it("reports every problem of both files with its line", () => {
    const badCase = caseLine.replace('"mmap"', '"mapp"').replace('"a"', '"b"');
    const badRecord = '{"id":"a","res":[{"r":"x"},{"st":{"7":{"v":[[1]],"s0":null,"c":null}}},3]}';
    const files = load(`{\n${caseLine}\n${caseLine}\n${badCase}`, `[]\n${badRecord}`);
    expect(problems(files).map((line) => line.replace(/: not a line of JSON.*/, ": JSON"))).toEqual(
      [
        "cases.jsonl:1:1 error E_CONFORMANCE_SYNTAX: JSON",
        "cases.jsonl:3:1 error E_CONFORMANCE_CASE: a: already on line 2",
        'cases.jsonl:4:1 error E_CONFORMANCE_CASE: op 0: there is no operation "mapp"',
        "records.jsonl:1:1 error E_CONFORMANCE_RECORD: a record must be an object, not []",
        ...[
          'answer 0: `r` must be an integer, not "x"',
          "answer 1: has neither `r` nor `e`",
          "answer 1: process 7: processes are numbered 0 to 2",
          "answer 1: process 7: `v` must be an array of [start, len, permissions], not [[1]]",
          "answer 1: process 7: `c` is no run-length text: null",
          "answer 2: must be an object, not 3",
        ].map((message) => `records.jsonl:2:1 error E_CONFORMANCE_RECORD: ${message}`),
      ],
    );
    expect(files.recorded).toEqual([]);
  });

  it("reports a record that does not fit its case", () => {
    const record = {
      id: "a",
      res: [{ r: 0, st: { 0: { pm: ".3", c: "0" }, 1: { s0: "00*2" } } }, { r: 0 }],
    };
    expect(problems(load(caseLine, JSON.stringify(record)))).toEqual(
      [
        "the case has 1 operations, the record 2 answers",
        "answer 0: process 0: `pm` covers more than the window; the window has 2 pages",
        "answer 0: process 0: `c` covers 1 pages; the window has 2 pages",
        "answer 0: process 1: does not exist at this point",
      ].map((message) => `records.jsonl:1:1 error E_CONFORMANCE_JOIN: a: ${message}`),
    );
  });

  it("reports records that answer none of the cases", () => {
    const [problem] = problems(load(caseLine, recordLine.replace('"a"', '"z"')));
    expect(problem).toMatch(/E_CONFORMANCE_JOIN: no record answers any case of/);
  });

  it("accepts the short record of a case that killed the kernel", () => {
    const files = load(caseLine, '{"id":"a","crash":1}');
    expect(problems(files)).toEqual([]);
    expect(files.recorded[0]?.record.res).toEqual([]);
  });

  it("only warns of fields it does not know", () => {
    const files = load(caseLine, recordLine.replace('"pm"', '"zz":1,"pm"'));
    expect(problems(files)).toEqual([
      "records.jsonl:1:1 warning E_CONFORMANCE_RECORD: " +
        "answer 0: process 0: a state has no field `zz`; it is ignored",
    ]);
    expect(files.recorded).toHaveLength(1);
  });

  it("never throws, whatever the bytes", () => {
    const line = fc.oneof(fc.string(), fc.json(), fc.constantFrom(caseLine, recordLine));
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (cases, records) => {
        const files = load(cases.join("\n"), records.join("\n"));
        expect(files.recorded.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });
});
