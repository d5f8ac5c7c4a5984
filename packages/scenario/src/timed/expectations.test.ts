import type { FaultChunk } from "@faultline/sim";
import { ACCESS_WRITE } from "@faultline/sim";
import { shippedProfile } from "@faultline/profiles";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { ownProfiles } from "./own-profiles.ts";
import { repeatedResult, repetitionSeed } from "./repetitions.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

const SCENARIO = `version: 1
title: t
profile: intel-xe-svm-nothp
machine: { devices: [{ name: gpu0, stack: xe }] }
repetitions: 3
steps:
  - { do: mmap, name: one, pages: 16 }
  - { do: mmap, name: two, pages: 16 }
  - { do: device_write, device: gpu0, at: one }
  - { do: write, at: two }
  - { do: workload, device: gpu0, at: two, pattern: random, count: 8 }
expect:
`;

function planOf(...lines: readonly string[]): Parameters<typeof timedPlan>[0] {
  const text = SCENARIO + lines.map((line) => `  - ${line}\n`).join("");
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return plan;
}

function run(
  plan: Parameters<typeof timedPlan>[0],
  options: Parameters<typeof runTimedScenario>[1] = {},
): TimedScenarioResult {
  const own = ownProfiles(plan.document);
  if (own === null) throw new Error("the scenario has a profile");
  return runTimedScenario(timedPlan(plan, own), options);
}

/** The number of each expectation. */
function values(...lines: readonly string[]): (number | null)[] {
  return run(planOf(...lines)).expectations.map(({ value }) => value);
}

describe("numbers of a run", () => {
  test("are of the faults of a step: its device, its pages, its time", () => {
    const [all, inThree, inFour, inFive, ofCpu, writes] = values(
      "{ of: faults, device: gpu0, at_least: 0 }",
      "{ of: faults, step: 3, at_least: 0 }",
      "{ of: faults, step: 4, at_least: 0 }",
      "{ of: faults, step: 5, at_least: 0 }",
      "{ of: faults, device: cpu, at_least: 0 }",
      "{ of: faults, device: gpu0, access: write, at_least: 0 }",
    );
    expect([inThree, inFour, ofCpu, writes]).toEqual([16, 16, 16, 16]);
    expect(all).toBe(16 + (inFive ?? 0));
    expect(inFive).toBeGreaterThan(0);
  });

  test("are those of the records", () => {
    const latencies: number[] = [];
    const sink = (chunk: FaultChunk): void => {
      for (let row = 0; row < chunk.nrRows; row++) {
        const isMeant = chunk.device[row] === 0 && chunk.access[row] === ACCESS_WRITE;
        if (isMeant) latencies.push(chunk.latencyPs[row] ?? 0);
      }
    };
    const plan = planOf(
      "{ of: fault, step: 3, take: max, at_least: 1ps }",
      "{ of: fault, step: 3, percentile: 50, at_least: 1ps }",
      "{ of: fault, step: 3, take: sum, at_least: 1ps }",
      "{ of: fault, step: 3, take: sum, stages: [copy], at_least: 1ps }",
      "{ of: time, step: 3, at_least: 1ps }",
    );
    const { expectations, steps } = run(plan, { sink });
    const [max, middle, sum, copy, time] = expectations.map(({ value }) => value ?? 0);
    latencies.sort((a, b) => a - b);
    expect(max).toBe(latencies.at(-1));
    expect(middle).toBe(((latencies[7] ?? 0) + (latencies[8] ?? 0)) / 2);
    expect(sum).toBe(latencies.reduce((a, b) => a + b));
    expect(copy).toBeLessThan(sum ?? 0);
    expect(time).toBe(steps[2]?.tookPs);
  });

  test("make a ratio, and nothing where there is no fault", () => {
    const [ratio, none] = values(
      "{ of: ratio, parts: [{ of: time, step: run }, { of: time, step: 3 }], at_least: 1 }",
      "{ of: fault, device: gpu0, access: atomic, at_most: 1s }",
    );
    expect(ratio).toBeGreaterThan(1);
    expect(none).toBeNull();
  });

  test("are not looked at with prices or drivers of somebody else", () => {
    const plan = planOf("{ of: faults, at_most: 0 }");
    const choice = { all: shippedProfile("intel-xe-svm-thp"), byDevice: new Map() };
    const { passed, expectations } = runTimedScenario(timedPlan(plan, choice));
    expect([passed, expectations]).toEqual([true, []]);
    expect(run(plan).passed).toBe(false);
  });
});

describe("repetitions", () => {
  test("have seeds of their own, of which the first is the scenario's", () => {
    const seeds = [0, 1, 2, 3].map((repetition) => repetitionSeed(42, repetition));
    expect(seeds[0]).toBe(42);
    expect(new Set(seeds).size).toBe(4);
    expect(repetitionSeed(42, 3)).toBe(seeds[3]);
    expect(repetitionSeed(43, 3)).not.toBe(seeds[3]);
  });

  test("miss what is expected of their median together, and the rest one by one", () => {
    const plan = planOf("{ of: faults, step: 5, value: 0, over: median }");
    const runs = [0, 1, 2].map((one) => run(plan, { seed: repetitionSeed(42, one) }));
    expect(runs.every(({ passed }) => passed)).toBe(true);
    expect(repeatedResult(plan, runs)).toMatchObject({ passed: false, isPartial: false });
    const each = planOf("{ of: faults, step: 5, value: 0 }");
    expect(run(each).passed).toBe(false);
  });

  test("that are missing make the whole partial", () => {
    const plan = planOf("{ of: faults, step: 3, value: 16 }");
    expect(repeatedResult(plan, [run(plan)])).toMatchObject({ passed: false, isPartial: true });
    const three = repeatedResult(plan, [run(plan), run(plan), run(plan)]);
    expect(three).toMatchObject({ passed: true, isPartial: false });
  });
});
