import { EFFORT_PLACE_DEVICE, EFFORT_PLACE_SWAP } from "@faultline/core";
import { shippedProfile } from "@faultline/profiles";
import {
  ACTIVITY_NAMES,
  type FaultChunk,
  RECORD_NONE,
  RunRecord,
  STAGE_COPY,
} from "@faultline/sim";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { runTimedScenario, type TimedOptions } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

const SCENARIO = `version: 1
title: A GPU and a CPU take turns
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap }
  - { do: device_write, device: gpu0, at: heap, outstanding: 8 }
  - { do: read, at: heap }
  - { do: munmap, at: heap }
`;

const PROFILES = ["intel-xe-svm-nothp", "amd-mi250x-xnack-svm", "nv-v100-pcie3-uvm"];

function runWith(profile: string, options: TimedOptions): TimedScenarioResult {
  const { plan } = loadScenario(SCENARIO, "s.yaml");
  if (plan === null) throw new Error("the scenario is broken");
  const choice = { all: shippedProfile(profile), byDevice: new Map() };
  return runTimedScenario(timedPlan(plan, choice), options);
}

describe.each(PROFILES)("the record of a run at the prices of %s", (profile) => {
  const record = new RunRecord({ hasTimeline: true });
  const rows: { latencyPs: number; startPs: number; spent: number[] }[] = [];
  const sink = ({ nrRows, timePs, latencyPs, spentPs }: FaultChunk): void => {
    for (let row = 0; row < nrRows; row++) {
      rows.push({
        startPs: timePs[row] ?? 0,
        latencyPs: latencyPs[row] ?? 0,
        spent: spentPs.map((column) => column[row] ?? 0),
      });
    }
  };
  const result = runWith(profile, { record, sink });

  test("changes nothing of the run", () => {
    expect(runWith(profile, {})).toEqual(result);
  });

  test("has a row for each fault, whose slices are its breakdown", () => {
    expect(record.faults.nrRows).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(0);
    const first = [...record.faults.column("firstSlice"), record.slices.nrRows];
    for (const [n, { startPs, latencyPs, spent }] of rows.entries()) {
      expect(record.faults.at(n, "startPs")).toBe(startPs);
      expect(record.faults.at(n, "latencyPs")).toBe(latencyPs);
      const sums = ACTIVITY_NAMES.map(() => 0);
      for (let slice = first[n] ?? 0; slice < (first[n + 1] ?? 0); slice++) {
        const activity = record.slices.at(slice, "activity");
        sums[activity] = (sums[activity] ?? 0) + record.slices.at(slice, "durationPs");
      }
      expect(sums).toEqual(spent);
    }
  });

  test("has the pages that went to the GPU and those that came back", () => {
    const { transfers } = record;
    const total = (from: number, to: number): number => {
      let sum = 0;
      for (let row = 0; row < transfers.nrRows; row++) {
        const isMeant = transfers.at(row, "from") === from && transfers.at(row, "to") === to;
        if (isMeant) sum += transfers.at(row, "nrPages");
      }
      return sum;
    };
    expect(total(0, EFFORT_PLACE_DEVICE)).toBe(64);
    expect(total(EFFORT_PLACE_DEVICE, 0)).toBe(64);
  });

  test("has each transfer of a fault within a copy of it", () => {
    const { transfers, faults, slices } = record;
    let nrLooked = 0;
    for (let row = 0; row < transfers.nrRows; row++) {
      const fault = transfers.at(row, "fault");
      if (fault === RECORD_NONE) continue;
      const startPs = transfers.at(row, "startPs");
      const endPs = startPs + transfers.at(row, "durationPs");
      let at = faults.at(fault, "startPs");
      let isWithin = false;
      const last = fault + 1 < faults.nrRows ? faults.at(fault + 1, "firstSlice") : slices.nrRows;
      for (let slice = faults.at(fault, "firstSlice"); slice < last; slice++) {
        const beganPs = at;
        at += slices.at(slice, "durationPs");
        isWithin ||=
          slices.at(slice, "activity") === STAGE_COPY && beganPs <= startPs && endPs <= at;
      }
      expect(isWithin).toBe(true);
      nrLooked++;
    }
    expect(nrLooked).toBeGreaterThan(0);
  });

  test("has memory in use that rises from none and falls back to none", () => {
    const { usage } = record;
    const last = new Map<number, number>();
    let most = 0;
    for (let row = 0; row < usage.nrRows; row++) {
      expect(usage.at(row, "nrPages")).toBeGreaterThanOrEqual(0);
      last.set(usage.at(row, "place"), usage.at(row, "nrPages"));
      if (usage.at(row, "place") === EFFORT_PLACE_DEVICE) {
        most = Math.max(most, usage.at(row, "nrPages"));
      }
    }
    expect(most).toBe(64);
    expect([...last.values()].every((nrPages) => nrPages === 0)).toBe(true);
    expect(last.has(EFFORT_PLACE_SWAP)).toBe(false);
  });

  test("has nobody in the mmap_lock at the end, and writers alone", () => {
    const { locks } = record;
    expect(locks.nrRows).toBeGreaterThan(0);
    for (let row = 0; row < locks.nrRows; row++) {
      if (locks.at(row, "writers") > 0) expect(locks.at(row, "readers")).toBe(0);
    }
    const at = locks.nrRows - 1;
    expect([locks.at(at, "readers"), locks.at(at, "writers")]).toEqual([0, 0]);
  });
});

test("a record without a timeline keeps transfers and memory only", () => {
  const record = new RunRecord();
  runWith("nv-v100-pcie3-uvm", { record });
  expect(record.transfers.nrRows).toBeGreaterThan(0);
  expect(record.usage.nrRows).toBeGreaterThan(0);
  const { faults, slices, waits, batches, locks } = record;
  expect([faults, slices, waits, batches, locks].map(({ nrRows }) => nrRows)).toEqual([
    0, 0, 0, 0, 0,
  ]);
});

test("a record that is full counts the faults that it leaves out", () => {
  const record = new RunRecord({ hasTimeline: true, maxFaults: 5 });
  const { nrFaults } = runWith("intel-xe-svm-nothp", { record });
  expect(record.faults.nrRows).toBe(5);
  expect(record.nrFaultsLeftOut).toBe(nrFaults - 5);
});
