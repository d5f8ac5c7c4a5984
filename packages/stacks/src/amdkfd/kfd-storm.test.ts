import { EAGAIN, EFAULT } from "@faultline/core";
import fc from "fast-check";
import { test } from "vitest";
import type { DeviceAdvice } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { runStorm, STORM_PAGES, stormSteps } from "../test-kit/driver-storm.ts";
import { SmallSystem, type SmallSystemSpec } from "../test-kit/small-system.ts";
import { KfdDriver } from "./kfd-driver.ts";
import type { KfdKnobs } from "./kfd-knobs.ts";
import { KfdStack } from "./kfd-stack.ts";

const MACHINES: Readonly<Record<string, SmallSystemSpec>> = {
  "two GPUs of a hive": {
    devices: [
      { name: "gpu0", hive: "h", memoryMib: 16 },
      { name: "gpu1", hive: "h", memoryMib: 4 },
    ],
  },
  "two GPUs": {
    devices: [
      { name: "gpu0", memoryMib: 16 },
      { name: "gpu1", memoryMib: 16 },
    ],
  },
  "a hive and a third": {
    devices: [
      { name: "gpu0", hive: "h", memoryMib: 4 },
      { name: "gpu1", hive: "h", memoryMib: 16 },
      { name: "gpu2", memoryMib: 16 },
    ],
  },
};

const RUNS = 60;
const MODES = ["bounceWholeRange", "bounceGranule", "direct"] as const;

function scene(spec: SmallSystemSpec, knobs: Partial<KfdKnobs>) {
  const small = new SmallSystem(spec);
  const host = new StepHost();
  const driver = new KfdDriver(small.system);
  const stacks = small.system.machine.devices.map((one) => new KfdStack(driver, host, one, knobs));
  small.map(STORM_PAGES);
  return { small, host, stacks };
}

function advicesOf({ small }: ReturnType<typeof scene>): DeviceAdvice[] {
  return [
    { access: "access" },
    { access: "in_place" },
    { preferredLocation: "system" },
    { preferredLocation: "default" },
    { alwaysMapped: false },
    ...small.system.machine.devices.map((preferredLocation) => ({ preferredLocation })),
  ];
}

test.each(Object.entries(MACHINES))("%s keep every process's data, with XNACK", (name, spec) => {
  // -EAGAIN: in place, outside a hive, while other granules of the range are on the other GPU.
  const refusals = name === "two GPUs of a hive" ? [] : [-EAGAIN];
  fc.assert(
    fc.property(fc.constantFrom(...MODES), stormSteps(), (mode, steps) => {
      const it = scene(spec, { "kfd.vramToVram": mode });
      runStorm(it, steps, { advices: advicesOf(it), refusals });
    }),
    { numRuns: RUNS },
  );
});

test.each(Object.entries(MACHINES))("%s keep every process's data, without", (_name, spec) => {
  fc.assert(
    fc.property(stormSteps(), (steps) => {
      const it = scene(spec, { "kfd.xnack": false });
      // -EFAULT: never mapped; -EAGAIN: the queues stand.
      runStorm(it, steps, { advices: advicesOf(it), refusals: [-EAGAIN, -EFAULT] });
    }),
    { numRuns: RUNS },
  );
});
