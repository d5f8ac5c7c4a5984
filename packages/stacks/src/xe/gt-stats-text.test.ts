import { expect, test } from "vitest";
import { gtStatsText } from "./gt-stats-text.ts";

test("every counter has a line, and what the kernel does not count has none", () => {
  const lines = gtStatsText(
    new Map([
      ["svm_2M_migrate_us", 7],
      ["copy_jobs", 3],
    ]),
  ).split("\n");
  expect(lines).toHaveLength(3 + 33 + 1);
  expect(lines[0]).toBe("svm_pagefault_count: 0");
  expect(lines).toContain("svm_2M_migrate_us: 7");
  expect(lines.join("\n")).not.toContain("copy_jobs");
});
