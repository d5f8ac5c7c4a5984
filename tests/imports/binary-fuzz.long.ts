// The campaign of which binary-fuzz.test.ts is a slice. FAULTLINE_SEED repeats one.
import fc from "fast-check";
import { test } from "vitest";
import { brokenArchives, brokenBlobs, brokenTables, mistakenKinds } from "./binary-properties.ts";

const seed = Number(process.env["FAULTLINE_SEED"] ?? Date.now() % 1_000_000);
const numRuns = 20_000;

test(`broken firmware tables, seed ${seed}`, async () => {
  await fc.assert(brokenTables(), { seed, numRuns });
});

test(`broken blobs of device trees, seed ${seed}`, async () => {
  await fc.assert(brokenBlobs(), { seed, numRuns });
});

test(`broken archives, seed ${seed}`, async () => {
  await fc.assert(await brokenArchives(), { seed, numRuns });
});

test(`binary files read as what they are not, seed ${seed}`, async () => {
  await fc.assert(await mistakenKinds(), { seed, numRuns });
});
