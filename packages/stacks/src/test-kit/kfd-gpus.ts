// GPUs of amdkfd on a small machine, and a process with memory that they share. Used by tests only.
import { runToCompletion } from "@faultline/engine";
import { KfdDriver } from "../amdkfd/kfd-driver.ts";
import type { KfdKnobs } from "../amdkfd/kfd-knobs.ts";
import { KfdStack } from "../amdkfd/kfd-stack.ts";
import type { DeviceAccessOutcome } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { SmallSystem, type SmallSystemSpec } from "./small-system.ts";

/** The mapping: four granules of 2 MiB. */
const N = 2048;

/** Two GPUs of one hive. */
export const HIVE: SmallSystemSpec = {
  devices: [
    { name: "gpu0", hive: "h" },
    { name: "gpu1", hive: "h" },
  ],
};

/** GPUs of one driver, and a mapping whose first pages the process has written. */
export class KfdGpus {
  readonly small: SmallSystem;
  readonly host: StepHost = new StepHost();
  readonly stacks: readonly KfdStack[];

  constructor(spec: Partial<SmallSystemSpec> = {}, knobs: Partial<KfdKnobs> = {}) {
    const devices = [{ name: "gpu0" }, { name: "gpu1" }];
    this.small = new SmallSystem({ devices, ...spec });
    const driver = new KfdDriver(this.small.system);
    const { machine } = this.small.system;
    this.stacks = machine.devices.map(
      (one) =>
        new KfdStack(driver, this.host, one, {
          // Small memory allows no range that is larger than a granule.
          "kfd.maxRangePages": 2 ** 18,
          ...knobs,
        }),
    );
    this.small.map(N);
    this.small.fill(8);
    for (const stack of this.stacks) {
      stack.open(this.small.task.mm);
      stack.smiLines.splice(0);
    }
  }

  stack(n: number): KfdStack {
    return this.stacks.at(n) as KfdStack;
  }

  access(n: number, access: DeviceAccessKind, value = 0, nrPages = 8, at = 0): DeviceAccessOutcome {
    return runToCompletion(this.small.access(this.stack(n), access, value, nrPages, at));
  }

  advise(n: number, advice: DeviceAdvice, nrPages = 512, at = 0): number {
    return this.small.advise(this.stack(n), advice, nrPages, at);
  }

  aperture(n: number, at = 0): number | undefined {
    return this.small.aperture(this.stack(n), at);
  }

  place(at: number): string {
    return this.small.place(at);
  }

  /** Events of a GPU since the last call, without times, pids and addresses. */
  events(n: number): string[] {
    const lines = this.stack(n).smiLines.splice(0);
    return lines.map((line) => line.replace(/^(\w+) \d+ -\d+ @\w+(\(\w+\))?/, "$1 $2").trim());
  }
}
