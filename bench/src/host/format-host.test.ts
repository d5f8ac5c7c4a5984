import { describe, expect, test } from "vitest";
import type { HostComparison } from "./compare-host.ts";
import { formatComparisons, formatPredictions } from "./format-host.ts";
import { readHostOptions } from "./host-options.ts";
import { parseHostAnswer } from "./parse-host-answer.ts";
import { spreadOf } from "./spread.ts";

const spread = (low: number, median: number, high: number) => ({ low, median, high });

describe("what the host answers", () => {
  test("is times of the wall and the CPU, or why there are none", () => {
    expect(parseHostAnswer("cow/copy 1200 900")).toEqual({
      name: "cow/copy",
      isSkipped: false,
      wallNs: 1200,
      cpuNs: 900,
    });
    expect(parseHostAnswer("migrate/move-pages skipped move_pages: No such device")).toEqual({
      name: "migrate/move-pages",
      isSkipped: true,
      reason: "move_pages: No such device",
    });
  });

  test.each(["", "cow/copy", "cow/copy 12", "cow/copy a b"])("%s is no answer", (line) => {
    expect(() => parseHostAnswer(line)).toThrow("no answer of the host");
  });
});

test("samples are told by their quartiles", () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual(spread(2, 3, 4));
  expect(spreadOf([7])).toEqual(spread(7, 7, 7));
  expect(spreadOf([]).median).toBeNaN();
});

describe("the command lines", () => {
  test("have rounds, JSON and a file for measurements", () => {
    expect(readHostOptions([])).toEqual({
      kind: "run",
      rounds: 15,
      json: false,
      measurements: null,
    });
    expect(readHostOptions(["--rounds", "3", "--json", "--measurements", "a.yaml"])).toEqual({
      kind: "run",
      rounds: 3,
      json: true,
      measurements: "a.yaml",
    });
    expect(readHostOptions(["--help"])).toEqual({ kind: "help" });
    expect(readHostOptions(["--only", "a", "--host", "/x"])).toMatchObject({ kind: "one" });
  });

  test.each([["--rounds", "2"], ["--rounds=many"], ["--bogus"], ["--only", "a"], ["extra"]])(
    "%s %s is a mistake",
    (...args) => {
      expect(readHostOptions(args)).toMatchObject({ kind: "problem" });
    },
  );
});

test("the table of comparisons has quartiles beside medians, and says what was skipped", () => {
  const comparisons: readonly HostComparison[] = [
    {
      name: "cow/copy",
      what: "writes",
      unit: "page",
      isSkipped: false,
      hostNs: spread(2900, 3000.4, 3100),
      simulatorNs: spread(280, 300, 333.3),
      ratio: spread(9, 10, 11.2),
    },
    { name: "migrate", what: "moves", unit: "page", isSkipped: true, reason: "one node" },
  ];
  expect(formatComparisons("A host", 5, comparisons).split("\n")).toEqual([
    "A host; 5 rounds",
    "",
    "operation  unit  host ns     quartiles  simulator ns   quartiles  host/sim     quartiles",
    "cow/copy   page     3000  2900 to 3100           300  280 to 333     10.0x  9.00 to 11.2",
    "",
    "skipped migrate: one node",
    "",
  ]);
});

test("the tables of predictions keep what is fitted apart from what is predicted", () => {
  const text = formatPredictions(
    "A host",
    3,
    {
      yaml: "",
      residuals: [
        {
          what: "cow/copy: writes",
          field: "effort.page_copy.per_unit",
          unit: "us",
          nrSamples: 3,
          nrOutliers: 0,
          median: 100,
          isMean: false,
          mad: 1,
          before: 90,
          after: 100,
          residualPercent: -0.01,
        },
      ],
      remainders: [
        { word: "fork", what: "a process", unit: "entry", perStepUs: 80, perUnitUs: 0.05 },
      ],
      predictions: [
        {
          name: "two-writers",
          what: "two write",
          predictedUs: 120,
          pricedUs: 100,
          remainderUs: 20,
          measuredUs: spread(90, 100, 110),
          errorPercent: 20,
          roundsPercent: spread(15, 19, 23),
        },
      ],
    },
    [{ name: "thp", reason: "off" }],
  );
  const [fitted, predicted] = text.split("Predicted: nothing is fitted to these\n");
  expect(fitted).toContain(
    "cow/copy   effort.page_copy.per_unit    100 us  1.00      100     0.0 %",
  );
  expect(fitted).toContain("fork  a process  80.0 us  50.0 ns  an entry");
  expect(predicted).toContain("two-writers  two write     120 us    100 us  90.0 to 110  +20.0 %");
  expect(predicted).toContain("\n0 of 1 within 15 %\n");
  expect(predicted).toContain("\nskipped thp: off\n");
});
