import { describe, expect, it } from "vitest";
import type { Difference } from "./difference.ts";
import { formatReport } from "./format-report.ts";
import { ReportBuilder } from "./report.ts";

const difference: Difference = {
  caseId: "single_00001",
  category: "single",
  opIndex: 3,
  op: "rd 0 4 2",
  field: "pm",
  process: 0,
  pages: [4, 5],
  expected: "P2",
  actual: "z2",
  whole: { expected: ".4P2.2", actual: ".4z2.2" },
};
const files = { unansweredCases: 0, unmatchedRecords: 0, problems: [] };

describe("formatReport", () => {
  it("shows failures, their kinds, categories and the last line", () => {
    const builder = new ReportBuilder();
    builder.add("single", { kind: "passed" });
    builder.add("single", { kind: "failed", difference });
    builder.add("single", {
      kind: "failed",
      difference: { ...difference, caseId: "single_00002" },
    });
    builder.add("race", { kind: "skipped", reason: "race" });
    const report = builder.build("7.2.12", { ...files, unansweredCases: 2 });
    expect(formatReport(report, { limit: 1, whole: true })).toBe(
      `single_00001 op 3 \`rd 0 4 2\`: pm of process 0, pages 4-5: expected P2, got z2
  expected .4P2.2
  got      .4z2.2
... and 1 more failing cases

first difference  cases  for example
rd: pm                2  single_00001

category  passed  failed  skipped
single         1       2        0
race           0       0        1

skipped: 1 (race)
2 cases have no record

1 passed, 2 failed, 1 skipped
`,
    );
  });

  it("ends with exactly two counts when nothing is skipped", () => {
    expect(formatReport(new ReportBuilder().build("7.2.12", files))).toBe("0 passed, 0 failed\n");
  });
});
