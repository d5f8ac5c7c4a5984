import { expect, test } from "vitest";
import { addCompareCommand } from "../commands/compare.ts";
import { addExplainCommand } from "../commands/explain.ts";
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

interface Compared {
  readonly runs: readonly {
    readonly simulatedPs: number;
    readonly faults: readonly { readonly p99Ps: number }[];
    readonly repetitions: {
      readonly runs: readonly { readonly seed: number; readonly simulatedPs: number }[];
      readonly ratios: readonly { readonly low: number; readonly high: number }[];
    };
  }[];
}

const PROFILES = "nv-v100-pcie3-uvm,nv-hopper-x86-uvm";

function compareThem(...more: readonly string[]): Promise<Ran> {
  const argv = ["compare", "s.yaml", "--profiles", PROFILES, ...more];
  return runCommand(addCompareCommand, argv, { "s.yaml": SCENARIO });
}

test("profiles are compared by the medians of their repetitions, and by their spread", async () => {
  const { code, out, err } = await compareThem();
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^medians of 4 repetitions, seeds 42, \d+, \d+, \d+; counters, /m);
  expect(out).toMatch(/^90 % of the repetitions +profile +p50 .* ratio of p50$/m);
  const { comparisons } = JSON.parse((await compareThem("--json")).out) as {
    comparisons: Compared[];
  };
  const runs = comparisons[0]?.runs ?? [];
  expect(runs).toHaveLength(2);
  for (const { simulatedPs, repetitions } of runs) {
    const all = repetitions.runs.map((one) => one.simulatedPs).toSorted((a, b) => a - b);
    expect(all).toHaveLength(4);
    const [, second = 0, third = 0] = all;
    expect(simulatedPs).toBe(Math.round((second + third) / 2));
    expect(all[0]).toBeLessThan(all[3] ?? 0);
  }
  const [first, other] = runs.map(({ repetitions }) => repetitions);
  expect(other?.runs.map(({ seed }) => seed)).toEqual(first?.runs.map(({ seed }) => seed));
  expect(first?.ratios[0]).toMatchObject({ low: 1, high: 1 });
  expect(other?.ratios[0]?.high).toBeLessThan(1);
});

function explainThem(...more: readonly string[]): Promise<Ran> {
  return runCommand(addExplainCommand, ["explain", "s.yaml", ...more], { "s.yaml": SCENARIO });
}

test("a fault of any repetition can be explained", async () => {
  const { results } = JSON.parse((await run("--json")).out) as { results: Repeated[] };
  const seeds = results[0]?.repetitions.map(({ seed }) => seed) ?? [];
  const second = await explainThem("--slowest", "1", "--repetition", "2");
  expect([second.code, second.err]).toEqual([0, ""]);
  expect(second.out).toContain(`repetition 2 of 4, seed ${seeds[1]}`);
  expect(second.out).toContain("explain s.yaml --repetition 2 --fault");
  const bySeed = await explainThem("--slowest", "1", "--seed", String(seeds[1]), "--json");
  const asked = await explainThem("--slowest", "1", "--repetition", "2", "--json");
  const data = (ran: Ran): Record<string, unknown> =>
    JSON.parse(ran.out) as Record<string, unknown>;
  expect(data(asked)).toEqual({ ...data(bySeed), repetition: 2 });
  expect(data(asked)).toMatchObject({ seed: seeds[1], repetition: 2, repetitions: 4 });
  const first = data(await explainThem("--slowest", "1", "--json"));
  expect(first["faults"]).not.toEqual(data(asked)["faults"]);
  const life = data(await explainThem("--page", "heap", "--repetition", "3", "--json"));
  expect(life).toMatchObject({ seed: seeds[2], repetition: 3, repetitions: 4 });
});

test("without a clock there is no repetition to ask for", async () => {
  const files = { "s.yaml": SCENARIO.replace(/^(?:profile|expect).*\n|^ {2}- \{ of.*\n/gm, "") };
  const argv = ["explain", "s.yaml", "--page", "heap", "--repetition", "2"];
  const { code, err } = await runCommand(addExplainCommand, argv, files);
  expect([code, err.includes("--repetition without a clock: s.yaml names no profile")]).toEqual([
    2,
    true,
  ]);
});

test("a repetition that there is not is an error that says how many there are", async () => {
  for (const what of [
    ["--fault", "0"],
    ["--page", "heap"],
  ]) {
    const { code, err } = await explainThem(...what, "--repetition", "5");
    expect(code).toBe(2);
    expect(err).toContain("no such repetition: 5");
    expect(err).toContain("the last repetition is 4");
  }
});
