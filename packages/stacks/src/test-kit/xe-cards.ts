// Xe cards of one driver on a small machine, and a process with memory that they share. Used by
// tests only.
import { EFFORT_PAGE_COPY, EFFORT_PLACE_DEVICE } from "@faultline/core";
import { runToCompletion, type Verb } from "@faultline/engine";
import type { DeviceAccessOutcome } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice } from "../device/device-stack.ts";
import { StepHost } from "../device/stack-host.ts";
import { bindDrivers } from "../bind-drivers.ts";
import type { XeDriver } from "../xe/xe-driver.ts";
import type { XeKnobs } from "../xe/xe-knobs.ts";
import { XeStack } from "../xe/xe-stack.ts";
import { SmallSystem, type SmallSystemSpec } from "./small-system.ts";

/** The mapping: four chunks of 2 MiB. */
const N = 2048;

/** Cards of one driver, and a mapping whose first pages the process has written. */
export class XeCards {
  readonly small: SmallSystem;
  readonly host: StepHost = new StepHost();
  readonly driver: XeDriver;
  readonly stacks: readonly XeStack[];

  /** @param others names of devices that are left to other drivers. */
  constructor(
    spec: Partial<SmallSystemSpec> = {},
    knobs: Partial<XeKnobs> = {},
    others: readonly string[] = [],
  ) {
    const devices = [{ name: "gpu0" }, { name: "gpu1" }];
    this.small = new SmallSystem({ devices, ...spec });
    const { system } = this.small;
    const all = system.machine.devices.filter((device) => !others.includes(device.name));
    const requests = all.map((device) => ({ device, stack: "xe" as const, knobs: { ...knobs } }));
    const bound = bindDrivers(system, this.host, requests);
    this.stacks = bound.filter((one): one is XeStack => one instanceof XeStack);
    this.driver = this.stack(0).driver;
    this.small.map(N);
    this.small.fill(8);
  }

  stack(n: number): XeStack {
    const stack = this.stacks[n];
    if (stack === undefined) throw new Error(`there is no card ${n}`);
    return stack;
  }

  /** A card's program accesses pages. */
  access(...request: Parameters<XeCards["accessing"]>): DeviceAccessOutcome {
    return runToCompletion(this.accessing(...request));
  }

  /** The same, not run yet. */
  accessing(
    n: number,
    access: DeviceAccessKind,
    value = 0,
    nrPages = 8,
    at = 0,
  ): Verb<DeviceAccessOutcome> {
    return this.small.access(this.stack(n), access, value, nrPages, at);
  }

  advise(n: number, advice: DeviceAdvice, nrPages = N): number {
    return this.adviseAt(n, advice, 0, nrPages);
  }

  /** Advice about `nrPages` pages from page `at` on. */
  adviseAt(n: number, advice: DeviceAdvice, at: number, nrPages: number): number {
    return this.small.advise(this.stack(n), advice, nrPages, at);
  }

  aperture(n: number, at = 0): number | undefined {
    return this.small.aperture(this.stack(n), at);
  }

  /** Name of the device that holds a page; `system`, or `nothing`. */
  place(at: number): string {
    return this.small.place(at);
  }

  /** Ways that pages were copied since the last call, each once. */
  copies(): string[] {
    const { effort } = this.small.world;
    const ways = effort.items().filter(({ kind }) => kind === EFFORT_PAGE_COPY);
    effort.clear();
    return [...new Set(ways.map(({ from, to }) => `${name(from)} to ${name(to)}`))];
  }
}

function name(place: number): string {
  return place >= EFFORT_PLACE_DEVICE ? `gpu${place - EFFORT_PLACE_DEVICE}` : "system";
}
