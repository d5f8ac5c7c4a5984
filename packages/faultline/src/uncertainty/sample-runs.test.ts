import { type Profile, shippedProfile } from "@faultline/profiles";
import { FaultSummary } from "@faultline/report";
import { loadScenario, type ProfileChoice, runTimedScenario, timedPlan } from "@faultline/scenario";
import { expect, test } from "vitest";
import type { TimedRun } from "../timed-run.ts";
import { PERCENTILES, sampleRuns, type SampledRuns } from "./sample-runs.ts";
import { sampledRatios } from "./sampled-ratios.ts";

const SCENARIO = `version: 1
title: A GPU reads what a process has written
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 8 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap }
`;

function runAt(choice: ProfileChoice): TimedRun {
  const { plan } = loadScenario(SCENARIO, "s.yaml");
  if (plan === null) throw new Error("the scenario is broken");
  const summary = new FaultSummary(() => "gpu0");
  const sink = summary.add.bind(summary);
  const result = runTimedScenario(timedPlan(plan, choice), { sink });
  return { result, kinds: summary.kindsOfFaults(), moved: [] };
}

function choiceOf(id: string): ProfileChoice {
  return { all: shippedProfile(id), byDevice: new Map() };
}

function sample(id: string, seed: number, n = 24): SampledRuns {
  return sampleRuns(choiceOf(id), seed, n, (choice) => runAt(choice));
}

test("the run at the middle of every range lies in the intervals of its samples", () => {
  for (const id of ["intel-xe-svm-nothp", "amd-mi250x-xnack-svm", "nv-v100-pcie3-uvm"]) {
    const { result, kinds } = runAt(choiceOf(id));
    const { uncertainty } = sample(id, 1);
    expect(uncertainty.simulatedPs.low).toBeLessThan(result.simulatedPs);
    expect(uncertainty.simulatedPs.high).toBeGreaterThan(result.simulatedPs);
    const gpu = kinds.find(({ device }) => device === "gpu0");
    const interval = uncertainty.kinds.find(({ device }) => device === "gpu0");
    for (const key of PERCENTILES) {
      expect(interval?.[key].low).toBeLessThanOrEqual(gpu?.[key] ?? Number.NaN);
      expect(interval?.[key].high).toBeGreaterThanOrEqual(gpu?.[key] ?? Number.NaN);
    }
  }
});

test("the same seed draws the same, and another seed something else", () => {
  const [one, two, three] = [1, 1, 2].map((seed) => sample("intel-xe-svm-nothp", seed, 6));
  expect(two?.uncertainty).toEqual(one?.uncertainty);
  expect(three?.uncertainty).not.toEqual(one?.uncertainty);
  expect(one?.uncertainty.nrSamples).toBe(6);
});

test("prices without ranges leave nothing open", () => {
  const certain = (id: string): Profile => {
    const profile = shippedProfile(id);
    if (profile === null) throw new Error("no profile");
    const fields = [...profile.fields].map(([path, field]) => {
      return [path, { ...field, range: null }] as const;
    });
    return { ...profile, fields: new Map(fields), base: null };
  };
  for (const id of ["intel-xe-svm-nothp", "nv-thor-ats"]) {
    const choice = { all: certain(id), byDevice: new Map(), host: certain("host-cpu") };
    const { uncertainty } = sampleRuns(choice, 5, 4, (drawn) => runAt(drawn));
    expect(uncertainty.kinds.length).toBeGreaterThan(1);
    const intervals = uncertainty.kinds.flatMap((kind) => PERCENTILES.map((key) => kind[key]));
    for (const { low, high } of [...intervals, uncertainty.simulatedPs]) expect(high).toBe(low);
  }
});

test("a profile compared with itself is exactly as fast in every sample", () => {
  const sampled = sample("intel-xe-svm-nothp", 3, 6);
  const other = sample("intel-xe-svm-nothp", 3, 6);
  for (const { low, high, isWithinUncertainty } of sampledRatios(sampled, other)) {
    expect([low, high, isWithinUncertainty]).toEqual([1, 1, true]);
  }
});

test("a difference that every sample shows is none of uncertainty", () => {
  const thp = sample("host-cpu", 3, 8);
  const slow = sample("nic-mlx5-odp", 3, 8);
  const ratios = sampledRatios(slow, thp);
  const cpu = ratios.find(({ device }) => device === "cpu");
  const gpu = ratios.find(({ device }) => device === "gpu0");
  expect(cpu?.isWithinUncertainty).toBe(true);
  expect(gpu?.isWithinUncertainty).toBe(false);
});
