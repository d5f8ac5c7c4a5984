// Broken machine documents, made at random from those of the collection: the answer is diagnostics,
// or a machine that boots. file-fuzz.long.ts goes on.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { machineCommandProperty, machineProperty } from "./testing/file-properties.ts";

describe("random edits of a machine document", { timeout: 600_000 }, () => {
  const numRuns = Number(process.env.FAULTLINE_FUZZ_RUNS ?? 80);

  test("give diagnostics that point into the text, or a machine that boots", () => {
    const tally = { nrBroken: 0, nrGood: 0 };
    fc.assert(machineProperty(tally), { numRuns });
    expect(tally.nrBroken).toBeGreaterThan(numRuns / 4);
    expect(tally.nrGood).toBeGreaterThan(0);
  });

  test("make the command line show the machine or what is wrong with it", async () => {
    const property = machineCommandProperty();
    await expect(fc.assert(property, { numRuns: Math.ceil(numRuns / 5) })).resolves.toBeUndefined();
  });
});
