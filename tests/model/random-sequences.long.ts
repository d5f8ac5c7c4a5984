// Ten thousand random sequences, in parts that each print their seed.
import { expect, test } from "vitest";
import { checkSequences } from "./check-sequences.ts";

const FIRST_SEED = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 2 ** 31);
const NR_PARTS = 20;
const NR_RUNS = 500;

const seeds = Array.from({ length: NR_PARTS }, (_, i) => FIRST_SEED + i);

test.each(seeds)(`${NR_RUNS} random sequences read what the model says, seed %i`, (seed) => {
  const outcomes = checkSequences({ seed, nrRuns: NR_RUNS, maxLength: 50 });
  expect(outcomes.get("fork ok")).toBeGreaterThan(0);
});
