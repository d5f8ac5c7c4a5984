import { readFileSync } from "node:fs";
import { describePageState, pageState } from "@faultline/scenario";
import { cpuAccess } from "@faultline/engine";
import { RangeStream } from "@faultline/sim";
import { describe, expect, test } from "vitest";
import { InputError } from "./input-error.ts";
import { runScenario } from "./run-scenario.ts";
import { openScenario, type ScenarioSession } from "./scenario-session.ts";

const scenario = `version: 1
title: a test
machine: { devices: [{ name: gpu0 }] }
steps:
  - { do: mmap, name: heap, pages: 256 }
  - { do: write, at: heap }
  - do: workload
    device: gpu0
    at: heap
    pattern: random
    count: 400
    access: write
    background: true
  - { do: fork, as: child, delay: 300us }
  - { do: write, process: child, at: heap, pages: 16 }
  - { do: wait }
`;
const PROFILES = ["intel-xe-svm-nothp", "amd-mi250x-xnack-svm", "nv-v100-pcie3-uvm"];

/** What the first page of the heap is in the process `app`. */
function firstPage({ machine }: ScenarioSession): string {
  const { world, processes, deviceNames } = machine;
  const mm = processes.get("app")?.task.mm;
  const [vma] = mm?.vmas ?? [];
  if (mm === undefined || vma === undefined) return "not mapped";
  return describePageState(pageState(world, mm, vma.vmStart), deviceNames);
}

describe.each(PROFILES)("a session at the prices of %s", (profile) => {
  const straight = runScenario(scenario, { profile });
  const endPs = straight.result.simulatedPs;
  const instants = [1, 3, 7, 2, 9, 4, 9, 1].map((tenths) => Math.floor((endPs * tenths) / 10));

  test("that stops, looks and goes on ends as one that does not", () => {
    const session = openScenario(scenario, { profile });
    for (const atPs of instants.toSorted((a, b) => a - b)) {
      session.goTo(atPs);
      expect(session.progress.simulatedPs).toBe(atPs);
      firstPage(session);
    }
    expect(session.finish()).toEqual({
      result: straight.result,
      kinds: straight.kinds,
      moved: straight.moved,
    });
  });

  test("is the same at an instant however it came there, and ends the same", () => {
    const seen = new Map<number, string>();
    const session = openScenario(scenario, { profile });
    for (const atPs of instants) {
      const { counters, digest } = session.goTo(atPs).result().result;
      const now = JSON.stringify([session.point, firstPage(session), counters, digest]);
      expect(now).toBe(seen.get(atPs) ?? now);
      seen.set(atPs, now);
    }
    expect(seen.size).toBeGreaterThan(4);
    expect(session.finish().result.digest).toBe(straight.result.digest);
  });

  test("goes back to a point that is between two instants", () => {
    const session = openScenario(scenario, { profile }).goToStep(3);
    const { point } = session;
    const page = firstPage(session);
    expect(session.progress.nrStepsDone).toBe(3);
    expect(session.finish().result.digest).toBe(straight.result.digest);
    expect(firstPage(session.goToPoint(point))).toBe(page);
    expect(session.goToStep(1).progress.nrStepsDone).toBe(1);
    expect(session.finish().result.digest).toBe(straight.result.digest);
  });

  test("gives another world to change", () => {
    const session = openScenario(scenario, { profile }).goTo(instants[1] ?? 0);
    const other = session.again();
    expect(other.point).toEqual(session.point);
    const { world, processes } = other.machine;
    const task = processes.get("app")?.task;
    const [vma] = task?.mm.vmas ?? [];
    if (task === undefined || vma === undefined) throw new Error("nothing is mapped");
    for (let page = vma.vmStart; page < vma.vmEnd; page++) cpuAccess(world, task, page, true);
    expect(other.finish().result.isPartial).toBe(false);
    expect(session.finish().result.digest).toBe(straight.result.digest);
  });

  test("is what a run with `until` comes to", () => {
    const atPs = instants[0] ?? 0;
    const { result, passed } = runScenario(scenario, { profile, until: atPs });
    expect([passed, result.isPartial, result.simulatedPs]).toEqual([false, true, atPs]);
    expect(openScenario(scenario, { profile }).goTo(atPs).result().result).toEqual(result);
    const whole = runScenario(scenario, { profile, until: endPs + 1 });
    expect(whole.result).toEqual(straight.result);
  });
});

test("a scenario of the collection ends as without the stops, at its own prices", () => {
  const folder = new URL("../../../../scenarios/clock/", import.meta.url);
  const read = (path: string): string => readFileSync(new URL(path, folder), "utf8");
  const text = read("pipeline.yaml");
  const straight = runScenario(text, { read });
  if (!straight.hasClock) throw new Error("no clock");
  const session = openScenario(text, { read });
  for (let us = 10; !session.isOver; us *= 2) session.goTo(`${us}us`);
  session.goTo("30us");
  expect(session.finish().result).toEqual(straight.result);
});

test("a session of a repetition is that run of the scenario", () => {
  const again = scenario.replace("machine:", "repetitions: 3\nmachine:");
  const profile = "intel-xe-svm-nothp";
  const { repetitions } = runScenario(again, { profile });
  const found = [1, 2, 3].map((repetition) => {
    return openScenario(again, { profile, repetition }).finish().result.digest;
  });
  expect(found).toEqual(repetitions.map(({ result }) => result.digest));
  expect(new Set(found).size).toBe(3);
});

describe("a session is refused", () => {
  test("without a clock", () => {
    expect(() => openScenario(scenario)).toThrow(InputError);
    expect(() => openScenario(scenario)).toThrow(/no profile, and therefore no clock/);
  });

  test("a repetition that the scenario has not", () => {
    for (const repetition of [0, 2, 1.5]) {
      const open = (): unknown => openScenario(scenario, { profile: "host-cpu", repetition });
      expect(open).toThrow(/no such repetition: .*scenario\.yaml runs 1 time/s);
    }
  });

  test("instants that are none", () => {
    const session = openScenario(scenario, { profile: "host-cpu" });
    for (const instant of [-1, 0.5, Number.NaN, 2 ** 60, "3 us", "us"]) {
      expect(() => session.goTo(instant as number)).toThrow(/instant/);
    }
  });

  test("a plug-in that keeps something from one run to the next", () => {
    let nrRuns = 0;
    const stream = ({ start }: { start: number }): RangeStream => {
      return new RangeStream(start, nrRuns++ === 0 ? 1 : 256, 1);
    };
    const own = scenario.replace("pattern: random", "pattern: forgetful");
    const workloads = [{ name: "forgetful", stream }];
    const session = openScenario(own, { profile: "intel-xe-svm-nothp", workloads });
    session.finish();
    const { point } = session;
    session.goTo(0);
    expect(() => session.goToPoint(point)).toThrow(/a plug-in keeps something between runs/);
  });
});
