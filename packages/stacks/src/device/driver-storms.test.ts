// A slice of the long campaign. Without a seed of its own it draws a new one, and prints it when it
// fails.
import fc from "fast-check";
import { test } from "vitest";
import { runStorm } from "../test-kit/driver-storm.ts";
import { STORM_CASES } from "../test-kit/storm-machines.ts";
import { stormScene } from "../test-kit/storm-scene.ts";
import { stormSteps } from "../test-kit/storm-steps.ts";
import { XE_STORM_CASES } from "../test-kit/xe-storm-machines.ts";

const NR_RUNS = 5;

const cases = Object.entries({ ...STORM_CASES, ...XE_STORM_CASES });

test.each(cases)("a storm over %s loses no data", (_name, { machines, options }) => {
  const property = fc.property(machines, stormSteps(), (machine, steps) => {
    runStorm(stormScene(machine), steps, options);
  });
  fc.assert(property, { numRuns: NR_RUNS });
});
