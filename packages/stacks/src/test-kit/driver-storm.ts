// Random operations of processes, CPUs and devices of one driver, against a model of what each
// process must read. After every step no device's entry outlives its page, and at the end the world
// is consistent. Used by tests only.
import type { TaskStruct } from "@faultline/core";
import {
  assertWorldConsistent,
  cpuAccess,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  sysMmap,
  sysMunmap,
  writePageContent,
} from "@faultline/engine";
import fc from "fast-check";
import { expect } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceAccessKind, DeviceAdvice, DeviceStack } from "../device/device-stack.ts";
import { findMirrorProblems } from "../device/mirror-invariants.ts";
import type { StepHost } from "../device/stack-host.ts";
import { BASE, type SmallSystem } from "./small-system.ts";

/** Who a storm blows on. */
export interface StormScene {
  readonly small: SmallSystem;
  readonly host: StepHost;
  readonly stacks: readonly DeviceStack[];
}

/** One operation; numbers are taken modulo what there is. */
export interface StormStep {
  readonly op: "cpu" | "device" | "prefetch" | "evict" | "advise" | "fork" | "exit" | "remap";
  readonly process: number;
  readonly device: number;
  readonly access: DeviceAccessKind;
  readonly at: number;
  readonly nrPages: number;
  readonly advice: number;
  readonly waitMs: number;
}

/** How a storm blows. */
export interface StormOptions {
  /** Attributes that `advise` chooses from. @defaultValue none */
  readonly advices?: readonly DeviceAdvice[];
  /** Results that an access of a device may have beside 0. @defaultValue none */
  readonly refusals?: readonly number[];
}

/** Pages that storms touch: two blocks and a bit. */
export const STORM_PAGES = 1100;

const PS_PER_MS = 1_000_000_000;
const MAX_PROCESSES = 3;

/** Sequences of steps. */
export function stormSteps(maxLength = 30): fc.Arbitrary<StormStep[]> {
  const ops = ["cpu", "device", "device", "device", "prefetch", "evict", "advise"] as const;
  const step = fc.record({
    op: fc.constantFrom(...ops, "fork" as const, "exit" as const, "remap" as const),
    process: fc.nat(2),
    device: fc.nat(2),
    access: fc.constantFrom("read", "write", "atomic" as DeviceAccessKind),
    at: fc.oneof(fc.nat(STORM_PAGES - 1), fc.nat(3)),
    nrPages: fc.constantFrom(1, 1, 3, 64, 512, 700),
    advice: fc.nat(100),
    waitMs: fc.constantFrom(0, 1, 3),
  });
  return fc.array(step, { maxLength });
}

interface Process {
  readonly task: TaskStruct;
  readonly model: Map<number, number>;
}

/** Blows. The scene's process must have mapped STORM_PAGES pages, none of them written. */
export function runStorm(
  { small, host, stacks }: StormScene,
  steps: readonly StormStep[],
  options: StormOptions = {},
): void {
  const storm = new Storm(small, host, stacks, options);
  for (const [n, step] of steps.entries()) storm.run(step, n + 1);
  storm.end();
}

class Storm {
  private processes: Process[];
  private readonly small: SmallSystem;
  private readonly host: StepHost;
  private readonly stacks: readonly DeviceStack[];
  private readonly options: StormOptions;

  constructor(
    small: SmallSystem,
    host: StepHost,
    stacks: readonly DeviceStack[],
    options: StormOptions,
  ) {
    this.small = small;
    this.host = host;
    this.stacks = stacks;
    this.options = options;
    this.processes = [{ task: small.task, model: new Map() }];
  }

  run(step: StormStep, value: number): void {
    this.host.advance(step.waitMs * PS_PER_MS);
    const process = this.processes.at(step.process % this.processes.length) as Process;
    this[step.op](process, step, value);
    const mirrors = this.processes.flatMap(({ task }) =>
      this.stacks.map((stack) => stack.open(task.mm)),
    );
    expect(findMirrorProblems(mirrors)).toEqual([]);
  }

  /** Every process reads everything by its CPU. */
  end(): void {
    for (const { task, model } of this.processes) {
      for (const [at, value] of model) this.expectRead(task, at, value);
      for (const stack of this.stacks) stack.close(stack.open(task.mm));
    }
    assertWorldConsistent(this.small.world);
  }

  private cpu({ task, model }: Process, { access, at }: StormStep, value: number): void {
    if (access === "read") {
      this.expectRead(task, at, model.get(at) ?? 0);
      return;
    }
    const { world } = this.small;
    expect(cpuAccess(world, task, BASE + at, true)).toBe(0);
    writePageContent(world, task.mm, BASE + at, value);
    model.set(at, value);
  }

  private device({ task, model }: Process, step: StormStep, value: number): void {
    const { access } = step;
    const stack = this.stackOf(step);
    const range = this.rangeOf(step);
    const request = { ...range, access, value };
    const done = runToCompletion(deviceAccess(stack, stack.open(task.mm), task, request));
    if (done.rc !== 0) expect(this.options.refusals ?? []).toContain(done.rc);
    for (let i = 0; i < done.nrDone; i++) {
      const at = range.start - BASE + i;
      if (access === "read") expect(done.values[i], `page ${at}`).toBe(model.get(at) ?? 0);
      else model.set(at, value);
    }
  }

  private prefetch({ task }: Process, step: StormStep): void {
    const stack = this.stackOf(step);
    runToCompletion(stack.prefetch(stack.open(task.mm), task, this.rangeOf(step)));
  }

  private evict({ task }: Process, step: StormStep): void {
    const stack = this.stackOf(step);
    runToCompletion(stack.evict(stack.open(task.mm), task, this.rangeOf(step)));
  }

  private advise({ task }: Process, step: StormStep): void {
    const { advices = [] } = this.options;
    const stack = this.stackOf(step);
    const advice = advices[step.advice % advices.length];
    if (advice === undefined || stack.advise === undefined) return;
    const range = this.rangeOf(step);
    runToCompletion(stack.advise(stack.open(task.mm), task, range, advice));
  }

  private fork({ task, model }: Process): void {
    if (this.processes.length === MAX_PROCESSES) return;
    const child = runToCompletion(sysFork(this.small.world, task));
    if (typeof child === "number") throw new Error(`fork returned ${child}`);
    this.processes.push({ task: child, model: new Map(model) });
  }

  private exit(process: Process): void {
    if (this.processes.length === 1) return;
    for (const stack of this.stacks) stack.close(stack.open(process.task.mm));
    runToCompletion(sysExit(this.small.world, process.task));
    this.processes = this.processes.filter((other) => other !== process);
  }

  /** munmap(), and mmap() of the same pages: they read as zero. */
  private remap({ task, model }: Process, step: StormStep): void {
    const { world } = this.small;
    const { start, nrPages } = this.rangeOf(step);
    expect(runToCompletion(sysMunmap(world, task, start, nrPages))).toBe(0);
    const request = { start, nrPages, prot: PROT_READ | PROT_WRITE, shared: false };
    runToCompletion(sysMmap(world, task, request));
    for (let i = 0; i < nrPages; i++) model.delete(start - BASE + i);
  }

  private expectRead(task: TaskStruct, at: number, value: number): void {
    const { world } = this.small;
    expect(cpuAccess(world, task, BASE + at, false)).toBe(0);
    expect(readPageContent(world, task.mm, BASE + at), `page ${at}`).toBe(value);
  }

  private stackOf({ device }: StormStep): DeviceStack {
    return this.stacks.at(device % this.stacks.length) as DeviceStack;
  }

  private rangeOf({ at, nrPages }: StormStep): { start: number; nrPages: number } {
    return { start: BASE + at, nrPages: Math.min(nrPages, STORM_PAGES - at) };
  }
}
