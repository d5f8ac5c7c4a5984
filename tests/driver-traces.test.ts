// What drivers tell in the formats of their kernel modules, read by those who import such files:
// what amdkfd's GPUs tell of every scenario of amdkfd's, and what xe's cards have counted under a
// clock.
import { TRACE_KINDS } from "@faultline/platform";
import {
  createScenarioMachine,
  executeStep,
  runTimedScenario,
  stackOf,
  timedPlan,
} from "@faultline/scenario";
import { shippedProfile } from "@faultline/profiles";
import { KfdStack, SMI_EVENT_NUMBERS } from "@faultline/stacks";
import { expect, test } from "vitest";
import { planOf } from "./support/change-plan.ts";
import { allFiles } from "./support/source-files.ts";

const files = allFiles.filter(({ path }) => {
  return /^scenarios\/(drivers\/kfd-|interconnect\/).*\.yaml$/.test(path);
});

/** Errors that an importer finds. */
function errorsOf(kind: string, text: string): string[] {
  const { diagnostics } = TRACE_KINDS.find(({ name }) => name === kind)?.read(text, kind) ?? {};
  const errors = (diagnostics ?? []).filter(({ severity }) => severity === "error");
  return errors.map(({ line, message }) => `${line} ${message}`);
}

/** The lines of all GPUs of amdkfd after a scenario, in the order of the machine; null without. */
function told(path: string, text: string): string[] | null {
  const plan = planOf(path, text);
  const machine = createScenarioMachine(plan.document, plan.machine);
  const stacks = machine.devices.map((device) => stackOf(device));
  const gpus = stacks.filter((stack) => stack instanceof KfdStack);
  if (gpus.length === 0) return null;
  for (const step of plan.steps) executeStep(machine, step);
  return gpus.flatMap(({ smiLines }) => smiLines);
}

test("amdkfd's events are read without an error, and all kinds are among them", () => {
  const seen = new Set<number>();
  for (const { path, text } of files) {
    const lines = told(path, text);
    if (lines === null) continue;
    expect(lines.length, path).toBeGreaterThan(0);
    expect(errorsOf("amdkfd-smi", `${lines.join("\n")}\n`), path).toEqual([]);
    for (const line of lines) seen.add(Number.parseInt(line, 16));
  }
  expect(seen).toEqual(new Set(Object.values(SMI_EVENT_NUMBERS)));
});

test("xe's counters are read without an error, times among them", () => {
  const text = `version: 1
title: One fault of 2 MiB
machine: { iommu: translate, devices: [{ name: gpu0, stack: xe }] }
steps:
  - { do: mmap, name: heap, pages: 512 }
  - { do: write, at: heap }
  - { do: device_read, device: gpu0, at: heap, pages: 1 }
`;
  const all = shippedProfile("intel-xe-svm-nothp");
  if (all === null) throw new Error("the profile is gone");
  const planned = timedPlan(planOf("one-fault.yaml", text), { all, byDevice: new Map() });
  const { counters } = runTimedScenario(planned);
  // Those of ours beside them are not in debugfs.
  const kernels = Object.entries(counters["gpu0"] ?? {}).filter(([name]) => name.startsWith("svm"));
  const lines = kernels.map(([name, value]) => `${name}: ${value}`);
  expect(lines).toEqual(
    expect.arrayContaining(["svm_2M_pagefault_count: 1", "svm_2M_bind_us: 10"]),
  );
  expect(errorsOf("xe-stats", `${lines.join("\n")}\n`)).toEqual([]);
});
