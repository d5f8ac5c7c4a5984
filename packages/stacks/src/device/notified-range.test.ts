import { PROT_READ, runToCompletion, sysMprotect } from "@faultline/engine";
import { expect, test } from "vitest";
import { bindDrivers } from "../bind-drivers.ts";
import { BASE, SmallSystem } from "../test-kit/small-system.ts";
import type { StackName } from "./device-stack.ts";
import { StepHost } from "./stack-host.ts";

const MIB = 2 ** 20;

/** What a fault on the first page has to do again when another page changes while it collects. */
function retries(
  stack: StackName,
  knobs: Readonly<Record<string, unknown>>,
  changed: number,
): { retries: number; rc: number } {
  const small = new SmallSystem({
    devices: [{ name: "gpu0" }],
    settings: { thpEnabled: "never" },
  });
  const { system, world, task } = small;
  const request = { device: small.device("gpu0"), stack, knobs };
  const [bound] = bindDrivers(system, new StepHost(), [request]);
  if (bound === undefined) throw new Error(`nothing drives ${stack}`);
  small.map(2048);
  small.fill(2048);
  let count = 0;
  world.recorder = {
    note: (rule) => {
      if (rule === "mirror-retry") count++;
    },
  };
  const verb = bound.fault(bound.open(task.mm), task, BASE, "read");
  let isChanged = false;
  for (let step = verb.next(); ; step = verb.next()) {
    if (step.done === true) return { retries: count, rc: step.value };
    if (step.value.reason !== "device" || isChanged) continue;
    isChanged = true;
    runToCompletion(sysMprotect(world, task, BASE + changed, 1, PROT_READ));
  }
}

test.each([
  ["nouveau", {}, 0, 1],
  ["nouveau", {}, 700, 0],
  ["amdkfd", {}, 511, 1],
  ["amdkfd", {}, 512, 0],
  ["xe", { "policy.preferred": "system", "xe.notifierSize": 2 * MIB }, 511, 1],
  ["xe", { "policy.preferred": "system", "xe.notifierSize": 2 * MIB }, 512, 0],
  ["xe", { "policy.preferred": "system" }, 2047, 1],
  ["ideal", {}, 2047, 1],
] as const)("%s %j, page %i changes meanwhile: collected again %i times", (...row) => {
  const [stack, knobs, changed, expected] = row;
  expect(retries(stack, knobs, changed)).toEqual({ retries: expected, rc: 0 });
});
