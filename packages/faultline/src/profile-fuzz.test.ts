// Broken profiles, made at random from those of the package: the answer is diagnostics, or a
// profile whose prices are prices. file-fuzz.long.ts goes on.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { profileCommandProperty, profileProperty } from "./testing/file-properties.ts";

describe("random edits of a profile", { timeout: 600_000 }, () => {
  // The slice is the beginning of one campaign; others are file-fuzz.long.ts, by FAULTLINE_SEED.
  const seed = Number(process.env.FAULTLINE_SEED ?? 1);
  const numRuns = Number(process.env.FAULTLINE_FUZZ_RUNS ?? 100);

  test("give diagnostics that point into the text, or a profile that can price a run", () => {
    const tally = { nrBroken: 0, nrGood: 0 };
    fc.assert(profileProperty(tally), { seed, numRuns });
    expect(tally.nrBroken).toBeGreaterThan(numRuns / 4);
    expect(tally.nrGood).toBeGreaterThan(0);
  });

  test("make the command line show the profile or what is wrong with it", async () => {
    const property = profileCommandProperty();
    await expect(
      fc.assert(property, { seed, numRuns: Math.ceil(numRuns / 3) }),
    ).resolves.toBeUndefined();
  });
});
