// The recordings that come with this package, replayed: with a kernel that knows the answers, to
// prove that the replayer reads every recording whole, and with the simulated kernel, which must
// agree in every case. All of this runs on the build, which `npm test` has just made: the sources
// as tests load them take three times as long.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { LetterField, OpRecord } from "./record.ts";

const {
  createWorldUnderTest,
  formatReport,
  loadFiles,
  RECORDING_SETS,
  replayLoaded,
  SNAPSHOT_FIELDS,
  ...runLength
} = await import("../dist/index.js");
const { RecordedKernel } = await import("../dist/recorded-kernel.js");

const readme = readFileSync(new URL("../recordings/README.md", import.meta.url), "utf8");
const page = readFileSync(new URL("../../../docs/conformance.md", import.meta.url), "utf8");

describe.each(RECORDING_SETS)("recordings: $name", (set) => {
  const files = loadFiles(set.casesPath, set.recordsPath);
  const records = new Map(files.recorded.map((recorded) => [recorded.case.id, recorded.record]));
  const categories = [...new Set(files.recorded.map((recorded) => recorded.case.category))];

  it("is sound and complete", () => {
    expect(files.problems).toEqual([]);
    expect(files).toMatchObject({ unansweredCases: 0, unmatchedRecords: 0 });
    expect(files.recorded.length).toBeGreaterThan(0);
  });

  it("has as many cases as the documentation says", () => {
    const row = new RegExp(`^\\| \`${set.name}\` \\| (?:.*\\| )?(\\d+) \\|`, "m");
    const nrCases = String(files.recorded.length);
    expect(row.exec(readme)?.[1], "packages/conformance/recordings/README.md").toBe(nrCases);
    expect(row.exec(page)?.[1], "docs/conformance.md").toBe(nrCases);
  });

  it("agrees with itself in every case", () => {
    const report = replayLoaded(files, {
      createKernel: ({ case: conformanceCase }) => {
        const record = records.get(conformanceCase.id);
        if (record === undefined) throw new Error(`no record of ${conformanceCase.id}`);
        return new RecordedKernel(conformanceCase, record);
      },
      preset: set.preset,
    });
    expect(report.failures).toEqual([]);
    expect(report.passed + report.skipped).toBe(files.recorded.length);
  });

  it("has only texts that come back from their values unchanged", () => {
    const changed: string[] = [];
    for (const record of records.values()) {
      for (const text of record.res.flatMap(textsOf)) {
        if (text.again !== text.text) changed.push(`${record.id}: ${text.text} is ${text.again}`);
      }
    }
    expect(changed).toEqual([]);
  });

  const options = { timeout: 600_000 };
  it.each(categories)("the simulated kernel agrees: %s", options, (category) => {
    const report = replayLoaded(files, {
      createKernel: createWorldUnderTest,
      preset: set.preset,
      categories: [category],
    });
    expect(report.failures.length, formatReport(report, { whole: true })).toBe(0);
  });
});

interface ReencodedText {
  readonly text: string;
  readonly again: string | null;
}

/** Every run-length text of an answer, and the same decoded and encoded again. */
function textsOf(answer: OpRecord): ReencodedText[] {
  const texts: ReencodedText[] = [];
  const add = <T>(
    text: string | null | undefined,
    decode: (text: string) => T | null,
    encode: (value: T) => string,
  ): void => {
    if (typeof text !== "string") return;
    const value = decode(text);
    texts.push({ text, again: value === null ? null : encode(value) });
  };
  add(answer.t, runLength.decodeTokens, runLength.encodeTokens);
  add(answer.snap, runLength.decodeBytes, runLength.encodeBytes);
  add(answer.mv, runLength.decodeStatuses, runLength.encodeStatuses);
  for (const state of Object.values(answer.st ?? {})) {
    add(state.c, runLength.decodeClasses, runLength.encodeClasses);
    for (const field of SNAPSHOT_FIELDS) {
      add(state[field], runLength.decodeBytes, runLength.encodeBytes);
    }
    for (const field of ["pm", "k", "h", "n", "u"] satisfies LetterField[]) {
      add(state[field], runLength.decodeLetters, runLength.encodeLetters);
    }
  }
  return texts;
}
