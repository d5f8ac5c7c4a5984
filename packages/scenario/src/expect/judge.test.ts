import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import type { PlannedExpectation } from "../plan.ts";
import { judge } from "./judge.ts";

/** The expectation that a line of YAML says. */
function planned(line: string): PlannedExpectation {
  const text = `version: 1
title: t
profile: host-cpu
machine: { devices: [{ name: gpu0 }] }
steps: [{ do: mmap, name: heap, pages: 1 }]
expect:
  - ${line}
`;
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  const [first] = plan?.expectations ?? [];
  if (first === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return first;
}

const AT_MOST = "{ of: fault, device: gpu0, percentile: 99.9, at_most: 400us }";
const ABOUT = "{ of: time, step: 1, value: 200us, within: 2.5% }";

describe("an expectation", () => {
  test.each([
    [AT_MOST, 400e6, true, "400 us", null],
    [AT_MOST, 421.5e6, false, "421.5 us", "21.5 us (5.4 %) too much"],
    ["{ of: faults, at_least: 10 }", 7, false, "7", "3 (30 %) too little"],
    ["{ of: faults, value: 10 }", 10, true, "10", null],
    ["{ of: faults, value: 10 }", 9, false, "9", "1 (10 %) less"],
    ["{ of: faults, at_most: 0 }", 2, false, "2", "2 too much"],
    [ABOUT, 205e6, true, "205 us", null],
    [ABOUT, 195e6, true, "195 us", null],
    [ABOUT, 206e6, false, "206 us", "6 us (3 %) more"],
    ["{ of: counter, device: gpu0, name: faults, at_least: 1, at_most: 3 }", 2, true, "2", null],
  ])("%s with %d", (line, value, isMet, found, by) => {
    expect(judge(planned(line), [value])).toMatchObject({ isMet, found, by, value });
  });

  test("says what it is about, in words, and where it is written", () => {
    expect(judge(planned(AT_MOST), [1])).toMatchObject({
      what: "p99.9 of gpu0 faults",
      expected: "at most 400us",
      place: { file: "t.yaml", line: 7, column: 5 },
    });
    const ratio = `{ of: ratio, value: 2, within: 5%,
      parts: [{ of: fault, step: 1, stages: [copy, lock] },
              { of: fault, take: max, access: write }] }`;
    expect(judge(planned(ratio), [2.05])).toMatchObject({
      what: "mean of copy + lock of faults in step 1 / max of device write faults",
      expected: "2 within 5%",
      found: "2.05",
      isMet: true,
    });
  });

  test("is not met by a run that has nothing to measure", () => {
    const found = "nothing to measure";
    expect(judge(planned(AT_MOST), [null])).toMatchObject({ isMet: false, found, by: null });
    expect(judge(planned(AT_MOST), [1, null])).toMatchObject({ isMet: false, found });
  });

  test("holds for each repetition, of which the worst is shown, or for the median", () => {
    const each = "{ of: faults, at_most: 10 }";
    expect(judge(planned(each), [9, 14, 11])).toMatchObject({ value: 14, isMet: false });
    expect(judge(planned(each), [9, 8, 10])).toMatchObject({ isMet: true });
    const middle = "{ of: faults, at_most: 10, over: median }";
    expect(judge(planned(middle), [9, 14, 8])).toMatchObject({ value: 9, isMet: true });
    expect(judge(planned(middle), [9, 14, 12])).toMatchObject({ value: 12, isMet: false });
  });
});
