// Broken binary files have an answer: a slice of the campaign in binary-fuzz.long.ts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { acpiSamples, dtbSample, expectAnswer, gzipped, tarSamples } from "./binary-fuzz.ts";
import { brokenArchives, brokenBlobs, brokenTables, mistakenKinds } from "./binary-properties.ts";

const seed = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 1_000_000);

test("whole files are machines", async () => {
  const tars = await tarSamples();
  const tables = acpiSamples();
  expect(tables.map(({ name }) => name)).toEqual(["srat.bin", "slit.bin", "cedt.bin", "hmat.bin"]);
  for (const sample of [...tables, dtbSample(), ...tars, ...tars.map(gzipped)]) {
    expect(`${sample.name} ${await expectAnswer(sample)}`).toBe(`${sample.name} true`);
  }
});

test(`broken firmware tables, seed ${seed}`, async () => {
  await fc.assert(brokenTables(), { seed, numRuns: 300 });
});

test(`broken blobs of device trees, seed ${seed}`, async () => {
  await fc.assert(brokenBlobs(), { seed, numRuns: 120 });
});

test(`broken archives, seed ${seed}`, async () => {
  await fc.assert(await brokenArchives(), { seed, numRuns: 120 });
});

test(`binary files read as what they are not, seed ${seed}`, async () => {
  await fc.assert(await mistakenKinds(), { seed, numRuns: 100 });
});
