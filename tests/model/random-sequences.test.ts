// A slice of the long campaign. The seed is new each time; FAULTLINE_SEED repeats one.
import { expect, test } from "vitest";
import { checkSequences } from "./check-sequences.ts";

const SEED = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 2 ** 31);
const NR_RUNS = 80;

test(`${NR_RUNS} random sequences read what the model says, seed ${SEED}`, () => {
  const outcomes = checkSequences({ seed: SEED, nrRuns: NR_RUNS, maxLength: 30 });
  for (const usual of ["fork ok", "write ok", "migrate_to_device ok", "device_read ok"]) {
    expect(outcomes.get(usual), `no step answered: ${usual}`).toBeGreaterThan(0);
  }
});
