import { expect, test } from "vitest";
import { addRunCommand } from "../commands/run.ts";
import { type Ran, runCommand } from "../testing/run-command.ts";

const SCENARIO = `version: 1
title: Several times
profile: nv-v100-pcie3-uvm
repetitions: 4
machine: { devices: [{ name: gpu0, stack: uvm }] }
steps:
  - { do: mmap, name: heap, pages: 512 }
  - { do: workload, device: gpu0, at: heap, access: write, pattern: random, count: 40 }
expect:
  - { of: faults, step: 2, at_least: 1 }
  - { of: fault, step: 2, percentile: 99, at_most: 1us, over: median }
`;

function run(...more: readonly string[]): Promise<Ran> {
  return runCommand(addRunCommand, ["run", "s.yaml", ...more], { "s.yaml": SCENARIO });
}

interface Repeated {
  readonly passed: boolean;
  readonly repetitions: readonly { seed: number; faults: readonly Record<string, number>[] }[];
  readonly faults: readonly { device: string; p50Ps: Record<string, number> }[];
}

test("every number is shown over all repetitions, and each of them is in the data", async () => {
  const { code, out, err } = await run();
  expect([code, err]).toEqual([1, ""]);
  expect(out).toMatch(/^4 repetitions, seeds 42, \d+, \d+, \d+$/m);
  expect(out).toMatch(/^gpu0 write +min +\d+ /m);
  expect(out).toMatch(/^ +median +\d+ /m);
  expect(out).toMatch(
    /^ {4}s\.yaml:11:5: expected p99 of faults in step 2 \(median\) at most 1us, .* too much$/m,
  );
  expect(out).toMatch(/^failed: 0 of 8 steps, 1 of 2 expectations$/m);
  const { results } = JSON.parse((await run("--json")).out) as { results: Repeated[] };
  const [result] = results;
  expect(result?.repetitions).toHaveLength(4);
  const medians = result?.repetitions.map(({ faults }) => faults[0]?.["p50Ps"] ?? 0) ?? [];
  const spread = result?.faults[0]?.p50Ps;
  expect(spread).toMatchObject({ min: Math.min(...medians), max: Math.max(...medians) });
  expect(spread?.["low"]).toBeLessThanOrEqual(spread?.["median"] ?? 0);
});

test("tables have the faults of every repetition, told apart by seeds", async () => {
  const { written, writtenBytes } = await run("--faults", "f.csv");
  const text = written.get("f.csv") ?? new TextDecoder().decode(writtenBytes.get("f.csv"));
  const seeds = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(",")[2]);
  expect(new Set(seeds).size).toBe(4);
});
