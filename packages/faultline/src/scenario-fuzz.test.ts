// Broken scenario files, made at random from a good one: whatever a person types, the answer is a
// result or diagnostics, never an exception and never a stack trace. file-fuzz.long.ts goes on.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scenarioCommandProperty, scenarioProperty } from "./testing/file-properties.ts";

describe("random edits of a scenario file", { timeout: 600_000 }, () => {
  const numRuns = Number(process.env.FAULTLINE_FUZZ_RUNS ?? 300);

  test("give a plan or diagnostics that point into the text", () => {
    const tally = { nrBroken: 0, nrGood: 0 };
    fc.assert(scenarioProperty(tally), { numRuns });
    expect(tally.nrBroken).toBeGreaterThan(numRuns / 4);
  });

  test("make the command line answer 0, 1 or 2, never 3, and never show a stack", async () => {
    const property = scenarioCommandProperty();
    await expect(fc.assert(property, { numRuns: Math.ceil(numRuns / 3) })).resolves.toBeUndefined();
  });
});
