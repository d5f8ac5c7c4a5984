import { expect, test } from "vitest";
import { mergedSmiText } from "./smi-text.ts";

test("events of several GPUs come in the order of their times and of their streams", () => {
  const one = ["c 1 app", "7 50 -1 @10(1) R", "5 40 -1 @10(1) 0->1 0:0 1", "8 90 -1 @10(1) M"];
  const two = ["7 60 -1 @20(2) W", "8 70 -1 @20(2) U"];
  expect(mergedSmiText([one, two]).split("\n")).toEqual([
    "c 1 app",
    "7 50 -1 @10(1) R",
    "5 40 -1 @10(1) 0->1 0:0 1",
    "7 60 -1 @20(2) W",
    "8 70 -1 @20(2) U",
    "8 90 -1 @10(1) M",
    "",
  ]);
  expect(mergedSmiText([])).toBe("");
});
