import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type GoldenReport, replayGolden } from "../golden/golden-report.ts";
import { loadNvgraceFolder } from "./load-nvgrace-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-"));
afterAll(() => rmSync(folder, { recursive: true }));

const row = {
  name: "two blocks",
  has_mig_hw_bug: true,
  memphys: "0x10000000000",
  memlength: "0x80000000",
  ret: 0,
  usemem: { phys: "0x10000000000", length: "0x40000000", bar_size: "0x40000000" },
  resmem: { phys: "0x10040000000", length: "0x40000000", bar_size: "0x40000000" },
  v6_9_formula: { usemem_bar_size: "0x40000000", differs: false },
};
const { name: _name, v6_9_formula: _formula, ...init } = row;
const steps = [
  { cmd: "init 1 0x10000000000 0x80000000", result: { op: "init", ...init } },
  { cmd: "rcfg 0x20 4", result: { op: "rcfg", offset: "0x20", count: 4, bytes: "0c000000" } },
  { cmd: "rmem 4 0x3ffffffe 4", result: { op: "rmem", ret: 2, device_bytes: 2, ff_bytes: 0 } },
  { cmd: "rmem 0 0 4", result: { note: "not a fake region: vfio-pci-core" } },
];

function replay(rows: unknown, sequences: unknown): GoldenReport {
  writeFileSync(join(folder, "init.json"), JSON.stringify(rows));
  writeFileSync(join(folder, "access.json"), JSON.stringify(sequences));
  return replayGolden(loadNvgraceFolder(folder));
}

describe("recorded answers of the variant driver", () => {
  test("pass when they are ours", () => {
    expect(replay([row], { steps })).toMatchObject({ passed: 2, failed: 0, problems: [] });
  });

  test("that differ are named with their place", () => {
    const wrong = [{ ...row, ret: -22 }];
    const shifted = steps.with(1, { cmd: "rcfg 0x1f 4", result: steps[1]?.result as never });
    expect(replay(wrong, { steps: shifted }).failures).toEqual([
      { case: "init two blocks", place: "ret", expected: "-22", actual: "0" },
      {
        case: "access steps",
        place: "step 1 (rcfg 0x1f 4).offset",
        expected: '"0x20"',
        actual: '"0x1f"',
      },
    ]);
  });

  test("that are not well formed are problems, and the rest is replayed", () => {
    const { passed, problems } = replay([row, 7, { memphys: "x" }], { a: [{}], b: 1, steps });
    expect(passed).toBe(2);
    expect(problems.map(({ message }) => message)).toEqual([
      "row 1: must be an object",
      "row 2: expected: init 0|1 BASE LENGTH, in range",
      "a: step 0 has no `cmd`",
      "b: must be a list of steps",
    ]);
    expect(replay({}, []).problems).toHaveLength(2);
  });
});

const shared = process.env["FAULTLINE_FIXTURES"];

test.skipIf(shared === undefined)("every answer of the shared folder is ours", () => {
  const report = replayGolden(loadNvgraceFolder(join(shared ?? "", "platform")));
  expect(report.failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
