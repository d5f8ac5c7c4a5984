// GPUs of UVM on a small machine, and a process with memory that they share. Used by tests only.
import { runToCompletion } from "@faultline/engine";
import type { DeviceAccessOutcome } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice, DeviceFault } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { UVM_ID_CPU } from "../uvm/select-residency.ts";
import type { UvmBatch } from "../uvm/uvm-counters.ts";
import { UvmDriver } from "../uvm/uvm-driver.ts";
import type { UvmEvent } from "../uvm/uvm-events.ts";
import type { UvmKnobs } from "../uvm/uvm-knobs.ts";
import { UvmStack } from "../uvm/uvm-stack.ts";
import { BASE, SmallSystem, type SmallSystemSpec } from "./small-system.ts";

/** The mapping: four blocks of 2 MiB. */
const N = 2048;

/** Two GPUs with NVLink between them. */
export const NVLINK: Partial<SmallSystemSpec> = {
  links: [["gpu0", "gpu1"]],
  linkKind: "nvlink",
};

/** GPUs of one driver, and a mapping whose first pages the process has written. */
export class UvmGpus {
  readonly small: SmallSystem;
  readonly host: StepHost = new StepHost();
  readonly driver: UvmDriver;
  readonly stacks: readonly UvmStack[];
  /** What the listeners heard. */
  readonly batches: UvmBatch[] = [];
  readonly events: UvmEvent[] = [];

  constructor(spec: Partial<SmallSystemSpec> = {}, knobs: Partial<UvmKnobs> = {}) {
    const devices = [{ name: "gpu0" }, { name: "gpu1" }];
    this.small = new SmallSystem({ devices, ...spec });
    this.driver = new UvmDriver(this.small.system);
    const { machine } = this.small.system;
    this.stacks = machine.devices.map((one) => {
      const stack = new UvmStack(this.driver, this.host, one, { ...knobs });
      stack.onBatch = (batch) => this.batches.push(batch);
      stack.onEvent = (event) => this.events.push(event);
      return stack;
    });
    this.small.map(N);
    this.small.fill(8);
    for (const stack of this.stacks) stack.open(this.small.task.mm);
  }

  stack(n: number): UvmStack {
    return this.stacks.at(n) as UvmStack;
  }

  access(n: number, access: DeviceAccessKind, value = 0, nrPages = 8, at = 0): DeviceAccessOutcome {
    return runToCompletion(this.small.access(this.stack(n), access, value, nrPages, at));
  }

  /** Serves a buffer of reads, or of `[page, access]`. */
  batch(n: number, entries: readonly (number | readonly [number, DeviceFault["access"]])[]) {
    const stack = this.stack(n);
    const { task } = this.small;
    const faults = entries.map((entry): DeviceFault => {
      const [at, access] = typeof entry === "number" ? ([entry, "read"] as const) : entry;
      return { page: BASE + at, access };
    });
    return runToCompletion(stack.faultBatch(stack.open(task.mm), task, faults));
  }

  pull(n: number, nrPages = N, at = 0): number {
    const stack = this.stack(n);
    const { task } = this.small;
    return runToCompletion(
      stack.prefetch(stack.open(task.mm), task, { start: BASE + at, nrPages }),
    );
  }

  advise(n: number, advice: DeviceAdvice, nrPages = N, at = 0): number {
    return this.small.advise(this.stack(n), advice, nrPages, at);
  }

  aperture(n: number, at = 0): number | undefined {
    return this.small.aperture(this.stack(n), at);
  }

  /** Where a page is: a device's name, `system`, or `nothing`. */
  place(at: number): string {
    const { processor } = this.driver
      .space(this.small.task.mm)
      .block(BASE + at)
      .homeOf(BASE + at);
    if (processor === null) return "nothing";
    if (processor === UVM_ID_CPU) return "system";
    return this.driver.stackOf(processor)?.attached.device.name ?? "nobody";
  }

  /** Pages of the mapping that are at a place. */
  nrPagesAt(place: string): number {
    let count = 0;
    for (let at = 0; at < N; at++) count += this.place(at) === place ? 1 : 0;
    return count;
  }
}
