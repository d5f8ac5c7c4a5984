import { APERTURE_INTERCONNECT } from "@faultline/core";
import { SourceText } from "@faultline/diagnostics";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadScenario } from "../load-scenario.ts";
import { stackOf } from "../running-device.ts";
import { runUntimedScenario } from "../run-untimed-scenario.ts";
import type { ScenarioMachine } from "../scenario-machine.ts";
import { ownProfiles } from "./own-profiles.ts";
import { runTimedScenario } from "./run-timed-scenario.ts";
import { timedPlan } from "./timed-plan.ts";
import type { TimedScenarioResult } from "./timed-result.ts";

const folder = new URL("../../../../scenarios/machines/", import.meta.url);

type Plan = Parameters<typeof timedPlan>[0];

const PREFERRED = "{ do: device_advise, device: gpu3, at: heap, preferred_location: gpu0 }";

function planOf(stack: string, steps: readonly string[]): Plan {
  const text = `version: 1
title: t
profile: ${stack === "uvm" ? "nv-v100-pcie3-uvm" : "intel-xe-svm-nothp"}
designs: { owner.formation: transitive }
machine:
  file: dgx1v.yaml
  devices: [{ name: gpu0, stack: ${stack} }, { name: gpu3, stack: ${stack} }]
steps:
  - { do: mmap, name: heap, pages: 64 }
  - { do: write, at: heap }
${stack === "uvm" ? `  - ${PREFERRED}` : ""}
  - { do: migrate_to_device, device: gpu0, at: heap }
${steps.map((step) => `  - ${step}\n`).join("")}`;
  const read = (path: string): SourceText => {
    return new SourceText(path, readFileSync(new URL(path, folder), "utf8"));
  };
  const { plan, diagnostics } = loadScenario(text, "t.yaml", read);
  if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return plan;
}

function run(plan: Plan, atEnd?: (machine: ScenarioMachine) => void): TimedScenarioResult {
  const own = ownProfiles(plan.document);
  if (own === null) throw new Error("the scenario has a profile");
  return runTimedScenario(timedPlan(plan, own), atEnd === undefined ? {} : { atEnd });
}

/** Entries of all devices that lead over private links. */
function linkedPages(machine: ScenarioMachine): number {
  let found = 0;
  const { task } = [...machine.processes.values()][0] ?? {};
  for (const device of machine.devices) {
    const stack = stackOf(device);
    if (stack === null || task === undefined) continue;
    stack.open(task.mm).table.forEach(0, 2 ** 30, (_page, nrPages, { aperture }) => {
      if (aperture === APERTURE_INTERCONNECT) found += nrPages;
    });
  }
  return found;
}

const WORK = "{ do: workload, device: gpu3, at: heap, access: write, outstanding: 2, pause: 1us }";

describe("a link that goes up and down in the background", () => {
  test("is back after its time, and its neighbours have lost their mappings", () => {
    const noise = "{ do: link_down, link: gpu0-gpu3, for: 20us, every: 200us, times: 3 }";
    const { steps, passed } = run(
      planOf("ideal", [WORK, noise, "{ do: advance, time: 1ms }", "{ do: wait }", WORK]),
    );
    expect(passed).toBe(true);
    expect(steps[4]).toMatchObject({ result: "ok", times: 3, pages: 64, tookPs: 620e6 });
    expect(steps.at(-1)?.faults).toBe(64);
  });

  test("is down for no time without a clock, which takes mappings away all the same", () => {
    const noise = "{ do: link_down, link: gpu0-gpu3, for: 20us, every: 200us, times: 3 }";
    const { steps } = runUntimedScenario(planOf("ideal", [WORK, noise]));
    expect(steps.at(-1)).toMatchObject({ result: "ok", times: 3, pages: 64 });
  });

  test.each(["ideal", "uvm"])("leaves no mapping over it while it is down, with %s", (stack) => {
    for (let delay = 1; delay < 200; delay += 7) {
      let left = -1;
      const down = `{ do: link_down, link: gpu0-gpu3, background: true, delay: ${delay}us }`;
      run(planOf(stack, [down, WORK]), (machine) => {
        left = linkedPages(machine);
      });
      expect([delay, left]).toEqual([delay, 0]);
    }
  });
});
