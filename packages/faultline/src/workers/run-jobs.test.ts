import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type Job, runJobs } from "./run-jobs.ts";

const folder = mkdtempSync(join(tmpdir(), "faultline-jobs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MODULE = `
export async function double(n) {
  if (n === 3) throw new RangeError("three");
  if (n === 5) await new Promise(() => setTimeout(() => { throw new Error("late"); }));
  return n * 2;
}
`;

/** Doubles a number in a worker; throws at 3, and its worker dies at 5. */
function job(): Job<number, number | string> {
  const path = join(folder, "double.mjs");
  writeFileSync(path, MODULE);
  const double = (n: number): number => n * 2;
  return { module: pathToFileURL(path).href, run: double };
}

async function run(inputs: readonly number[], nrWorkers: number): Promise<unknown[]> {
  const results: unknown[] = [];
  await runJobs(job(), inputs, {
    nrWorkers,
    onResult: (result, index) => {
      results[index] = result;
      return true;
    },
    onError: (error) => (error instanceof Error ? "failed" : "odd"),
  });
  return results;
}

test("every input has its result at its place", async () => {
  expect(await run([4, 1, 2, 6], 3)).toEqual([8, 2, 4, 12]);
});

test("a job that throws, and a worker that dies, fail alone", async () => {
  expect(await run([1, 3, 5, 2, 4], 2)).toEqual([2, "failed", "failed", 4, 8]);
});

test("without a stand-in for its result, what a job throws is thrown on", async () => {
  const all = runJobs(job(), [1, 3], { nrWorkers: 2, onResult: () => true });
  await expect(all).rejects.toThrow("three");
});
