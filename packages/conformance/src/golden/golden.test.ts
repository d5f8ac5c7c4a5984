import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { firstDifference } from "./first-difference.ts";
import { openFolder, readJsonFile } from "./golden-folder.ts";
import { formatGoldenReport, type GoldenCase, replayGolden } from "./golden-report.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the first difference", () => {
  test.each([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }], more: 0 }, "a[1].b", "2", "3"],
    [[1, 2], [1], "length", "2", "1"],
    [{ a: null }, {}, "a", "null", "nothing"],
    [1, "1", "", "1", '"1"'],
    [{}, null, "", "{}", "null"],
  ])("%j against %j", (expected, actual, place, ...texts) => {
    const [wanted, got] = texts;
    expect(firstDifference(expected, actual)).toEqual({ place, expected: wanted, actual: got });
  });

  test("is none where everything recorded is answered", () => {
    expect(firstDifference({ a: [1, "x", null] }, { b: 1, a: [1, "x", null] })).toBeNull();
  });
});

describe("a report", () => {
  const good: GoldenCase = { name: "good", expected: 1, answer: () => 1 };
  const bad: GoldenCase = { name: "bad", expected: { n: 1 }, answer: () => ({ n: 2 }) };
  const broken: GoldenCase = {
    name: "broken",
    expected: 1,
    answer: () => {
      throw new TypeError("oops");
    },
  };

  test("counts cases, shows their first differences, and ends with the counts", () => {
    const report = replayGolden({ cases: [good, bad, broken], problems: [] });
    expect(report).toMatchObject({ passed: 1, failed: 2 });
    expect(formatGoldenReport(report)).toBe(
      "bad: n: expected 1, got 2\nbroken: expected an answer, got TypeError: oops\n\n" +
        "1 passed, 2 failed\n",
    );
    expect(formatGoldenReport(report, 1)).toContain("... and 1 more failing cases");
  });
});

describe("a folder", () => {
  test("may be named by the folder above it", () => {
    mkdirSync(join(folder, "kind"));
    writeFileSync(join(folder, "kind", "a.json"), "[1]");
    const found = openFolder(folder, "kind", ["a.json"]);
    expect([found.path, readJsonFile(found, "a.json")]).toEqual([join(folder, "kind"), [1]]);
    expect(openFolder(join(folder, "kind"), "kind", ["a.json"]).problems).toEqual([]);
  });

  test("without the files, or with broken ones, is told so", () => {
    expect(openFolder(join(folder, "none"), "kind", ["a.json"]).problems).toMatchObject([
      { code: "E_CONFORMANCE_FILE", message: "no such folder" },
    ]);
    writeFileSync(join(folder, "b.json"), "[1,\n oops]");
    const found = openFolder(folder, "kind", ["b.json"]);
    expect(readJsonFile(found, "b.json")).toBeUndefined();
    expect(readJsonFile(found, "c.json")).toBeUndefined();
    expect(found.problems).toMatchObject([
      { code: "E_CONFORMANCE_SYNTAX" },
      { code: "E_CONFORMANCE_FILE" },
    ]);
  });
});
