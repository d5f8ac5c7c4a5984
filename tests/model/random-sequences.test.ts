// A slice of the long campaign, always the same one so that a change is judged by what it changed;
// FAULTLINE_SEED chooses another, and the long campaign takes a new one each time.
import { expect, test } from "vitest";
import { checkSequences } from "./check-sequences.ts";

const SEED = Number(process.env["FAULTLINE_SEED"] ?? 424242);
const NR_RUNS = 80;

test(`${NR_RUNS} random sequences read what the model says, seed ${SEED}`, () => {
  const outcomes = checkSequences({ seed: SEED, nrRuns: NR_RUNS, maxLength: 30 });
  for (const usual of ["fork ok", "write ok", "migrate_to_device ok", "device_read ok"]) {
    expect(outcomes.get(usual), `no step answered: ${usual}`).toBeGreaterThan(0);
  }
});
