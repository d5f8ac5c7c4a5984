import { expect, it } from "vitest";
import { RecordedKernel } from "./recorded-kernel.ts";
import { RECORDING_SETS, type RecordingSet } from "./recordings.ts";
import { type ReplayOptions, replayFiles } from "./replay-files.ts";
import { loadFiles } from "./load-files.ts";

const findings = RECORDING_SETS.find(({ name }) => name === "findings") as RecordingSet;
const { casesPath, recordsPath } = findings;
const records = new Map(
  loadFiles(casesPath, recordsPath).recorded.map(({ case: { id }, record }) => [id, record]),
);

/** Knows every answer, but shows one page-map letter wrong in one case. */
const createKernel: ReplayOptions["createKernel"] = ({ case: conformanceCase }) => {
  const record = records.get(conformanceCase.id);
  if (record === undefined) throw new Error(`no record of ${conformanceCase.id}`);
  if (conformanceCase.id !== "finding_mmid_a") return new RecordedKernel(conformanceCase, record);
  return new RecordedKernel(conformanceCase, record, {
    opIndex: 2,
    view: (_process, view) => view && { ...view, pm: `W${view.pm.slice(1)}` },
  });
};

it("replays two files, counts, and tells its progress", () => {
  const progress: string[] = [];
  const report = replayFiles(casesPath, recordsPath, {
    createKernel,
    onProgress: (done, total) => progress.push(`${done}/${total}`),
  });
  const ofKsm = [...records.keys()].filter((id) => id.startsWith("ksm_")).length;
  const passed = records.size - 3;
  expect(passed).toBeGreaterThan(100);
  expect(report).toMatchObject({
    preset: "7.2.12",
    passed,
    failed: 1,
    skipped: 2,
    categories: {
      finding: { passed: passed - ofKsm, failed: 1, skipped: 2 },
      ksm: { passed: ofKsm, failed: 0, skipped: 0 },
    },
    skips: { nondeterministic: 2 },
    histogram: [{ op: "wr", field: "pm", cases: 1, example: "finding_mmid_a" }],
    problems: [],
  });
  expect(report.failures).toMatchObject([{ caseId: "finding_mmid_a", opIndex: 2, pages: [0, 0] }]);
  expect(progress).toHaveLength(records.size);
  expect(progress.at(-1)).toBe(`${records.size}/${records.size}`);
});

it("replays chosen ids and categories only", () => {
  const byId = replayFiles(casesPath, recordsPath, { createKernel, ids: ["finding_mmid_b"] });
  expect(byId).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
  const none = replayFiles(casesPath, recordsPath, { createKernel, categories: ["single"] });
  expect(none).toMatchObject({ passed: 0, failed: 0, skipped: 0, categories: {} });
});

it("is JSON as it stands", () => {
  const report = replayFiles(casesPath, recordsPath, { createKernel, preset: "7.2-fixed" });
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
