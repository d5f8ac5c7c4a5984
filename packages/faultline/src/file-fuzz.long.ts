// The campaigns of which scenario-, profile- and machine-fuzz.test.ts are slices. FAULTLINE_SEED
// repeats one, FAULTLINE_RUNS sets its length.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type FuzzTally,
  machineCommandProperty,
  machineProperty,
  profileCommandProperty,
  profileProperty,
  scenarioCommandProperty,
  scenarioProperty,
} from "./testing/file-properties.ts";

const seed = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env["FAULTLINE_RUNS"] ?? 5000);

const loaders: Readonly<Record<string, (tally: FuzzTally) => fc.IProperty<[string]>>> = {
  scenario: scenarioProperty,
  profile: profileProperty,
  machine: machineProperty,
};
const commands: Readonly<Record<string, () => fc.IAsyncProperty<[string]>>> = {
  scenario: scenarioCommandProperty,
  profile: profileCommandProperty,
  machine: machineCommandProperty,
};

test.each(Object.entries(loaders))(`broken files of the kind %s, seed ${seed}`, (_, property) => {
  const tally = { nrBroken: 0, nrGood: 0 };
  fc.assert(property(tally), { seed, numRuns });
  expect(tally.nrBroken).toBeGreaterThan(numRuns / 4);
  expect(tally.nrGood).toBeGreaterThan(0);
});

test.each(Object.entries(commands))(
  `commands on broken files of the kind %s, seed ${seed}`,
  async (_, property) => {
    const parameters = { seed, numRuns: Math.ceil(numRuns / 10) };
    await expect(fc.assert(property(), parameters)).resolves.toBeUndefined();
  },
);
