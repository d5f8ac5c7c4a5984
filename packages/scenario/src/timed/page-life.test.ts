import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { ownProfiles } from "./own-profiles.ts";
import { type LifeChange, type LifeEvent, pageLife } from "./page-life.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { type TimedPlan, timedPlan } from "./timed-plan.ts";

function planOf(profile: string, stack: string, steps: readonly string[]): TimedPlan {
  const text = `version: 1
title: t
profile: ${profile}
machine: { devices: [{ name: gpu0, stack: ${stack} }, { name: gpu1, stack: ${stack} }] }
steps:
  - { do: mmap, name: heap, pages: 8 }
${steps.map((step) => `  - ${step}\n`).join("")}`;
  const { plan, diagnostics } = loadScenario(text, "t.yaml");
  const own = plan === null ? null : ownProfiles(plan.document);
  if (plan === null || own === null)
    throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return timedPlan(plan, own);
}

const STEPS = [
  "{ do: write, at: heap }",
  "{ do: device_write, device: gpu0, at: heap }",
  "{ do: read, at: heap, pages: 1 }",
  "{ do: munmap, at: heap, pages: 1 }",
];

const HEAP = 0x100000;

function entries(events: readonly LifeEvent[]): LifeChange[] {
  return events.filter((event) => event.kind === "entry");
}

describe("the life of a page", () => {
  const planned = planOf("intel-xe-svm-nothp", "xe", STEPS);
  const life = pageLife(planned, HEAP);

  test("goes from its first touch to its end, each with its time and actor", () => {
    const changes = entries(life.events);
    const [first, last] = [changes[0], changes.at(-1)];
    expect(first).toMatchObject({ before: "nothing", after: "present rw on node 0" });
    expect(first).toMatchObject({ by: "the scenario", rules: ["anon-new-page"] });
    expect(last).toMatchObject({ device: null, after: "nothing", rules: ["munmap"] });
    const times = life.events.map(({ atPs }) => atPs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("has the moves, there and back, and the entries of the device", () => {
    const changes = entries(life.events);
    const moves = changes.flatMap(({ moved }) => (moved === null ? [] : [moved]));
    expect(moves).toEqual([
      { from: "node 0", to: "gpu0", isEviction: false },
      { from: "gpu0", to: "node 0", isEviction: false },
    ]);
    const ofDevice = changes.filter(({ device }) => device === "gpu0");
    expect(ofDevice.map(({ after }) => after)).toEqual(["local rw, local address", "no entry"]);
  });

  test("has the faults with their numbers and times, as the records have them", () => {
    const faults = life.events.filter((event) => event.kind === "fault");
    expect(faults.map(({ who, access }) => `${who} ${access}`)).toEqual([
      "cpu 0 write",
      "gpu0 write",
      "cpu 0 read",
    ]);
    const records: string[] = [];
    runTimedScenario(planned, {
      sink: (chunk) => {
        for (let row = 0; row < chunk.nrRows; row++) {
          if (chunk.page[row] !== HEAP) continue;
          records.push(`${row} at ${chunk.timePs[row]}: ${chunk.latencyPs[row]}`);
        }
      },
    });
    expect(faults.map((one) => `${one.number} at ${one.atPs}: ${one.latencyPs}`)).toEqual(records);
  });

  test("does not change the run", () => {
    const { simulatedPs } = runTimedScenario(planned);
    expect([life.simulatedPs, life.stuck]).toEqual([simulatedPs, null]);
  });

  test("is empty for a page that nobody touches", () => {
    expect(pageLife(planned, HEAP + 4096).events).toEqual([]);
  });

  test("is told of every process that has the page", () => {
    const forked = planOf("host-cpu", "ideal", [
      "{ do: write, at: heap }",
      "{ do: fork, as: child }",
      "{ do: write, process: child, at: heap }",
    ]);
    const changes = entries(pageLife(forked, HEAP).events);
    expect(new Set(changes.map(({ process }) => process))).toEqual(new Set(["app", "child"]));
    expect(changes.at(-1)).toMatchObject({ process: expect.stringMatching(/app|child/) });
  });
});
