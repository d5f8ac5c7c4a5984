// Storms over every kind of machine, two thousand sequences each, in parts that print their seed.
import fc from "fast-check";
import { test } from "vitest";
import { runStorm } from "../test-kit/driver-storm.ts";
import { STORM_CASES } from "../test-kit/storm-machines.ts";
import { stormScene } from "../test-kit/storm-scene.ts";
import { stormSteps } from "../test-kit/storm-steps.ts";
import { XE_STORM_CASES } from "../test-kit/xe-storm-machines.ts";

const FIRST_SEED = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 2 ** 31);
const NR_PARTS = 4;
/** A failure whose shrinking takes longer is reported as far as it has been shrunk. */
const MAX_MS = 300_000;
const NR_RUNS = Number(process.env["FAULTLINE_RUNS"] ?? 500);

const parts = Object.entries({ ...STORM_CASES, ...XE_STORM_CASES }).flatMap(
  ([name, { machines, options }]) =>
    Array.from({ length: NR_PARTS }, (_, n) => ({ name, seed: FIRST_SEED + n, machines, options })),
);

test.each(parts)("a storm over $name loses no data, seed $seed", ({ seed, machines, options }) => {
  const property = fc.property(machines, stormSteps(40), (machine, steps) => {
    runStorm(stormScene(machine), steps, options);
  });
  const limit = { interruptAfterTimeLimit: MAX_MS, markInterruptAsFailure: true };
  fc.assert(property, { seed, numRuns: NR_RUNS, ...limit });
});
