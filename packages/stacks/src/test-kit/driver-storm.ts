// Random operations of processes, CPUs and devices of one or several drivers, against a model of
// what each process must read. After every step no device's entry outlives its page and each
// driver's own state holds together; at the end everybody leaves, and nothing is left behind. Used
// by tests only.
import type { TaskStruct } from "@faultline/core";
import {
  ACCESS_WAIT,
  type AccessResult,
  assertWorldConsistent,
  cpuAccess,
  DeadlockError,
  MADV_DONTNEED,
  PROT_READ,
  PROT_WRITE,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  sysMadvise,
  sysMmap,
  sysMprotect,
  sysMunmap,
  taskNumaWork,
  writePageContent,
  type Verb,
} from "@faultline/engine";
import { expect } from "vitest";
import { deviceAccess } from "../device/device-access.ts";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { DeviceAdvice, DeviceStack, PageRange } from "../device/device-stack.ts";
import { findMirrorProblems } from "../device/mirror-invariants.ts";
import type { StepHost } from "../device/stack-host.ts";
import { BASE, type SmallSystem } from "./small-system.ts";
import { STORM_PAGES, StormProcess } from "./storm-process.ts";
import { STORM_MADVICE, type StormStep } from "./storm-steps.ts";

/** Who a storm blows on. */
export interface StormScene {
  readonly small: SmallSystem;
  readonly host: StepHost;
  readonly stacks: readonly DeviceStack[];
  /** What is wrong with a driver's own state; asked after every step. @defaultValue nothing */
  readonly findProblems?: (open: readonly OpenDevice[], step: StormStep) => readonly string[];
}

/** A device that a process has open. */
export interface OpenDevice {
  readonly stack: DeviceStack;
  readonly mirror: DeviceMirror;
}

/** How a storm blows. */
export interface StormOptions {
  /** Attributes that `advise` chooses from. @defaultValue none */
  readonly advices?: (stack: DeviceStack) => readonly DeviceAdvice[];
  /** Results that an access that is allowed may have beside 0. @defaultValue none */
  readonly refusals?: (stack: DeviceStack, step: StormStep) => readonly number[];
  /** How long a CPU tries what a driver makes it wait for. @defaultValue 0 */
  readonly patienceMs?: number;
}

const PS_PER_MS = 1_000_000_000;
const MAX_PROCESSES = 3;

/** Blows. The scene's process must have mapped STORM_PAGES pages, none of them written. */
export function runStorm(
  scene: StormScene,
  steps: readonly StormStep[],
  options: StormOptions = {},
): void {
  const storm = new Storm(scene, options);
  for (const [n, step] of steps.entries()) storm.run(step, n + 1);
  storm.end();
}

class Storm {
  private processes: StormProcess[];
  /** Devices of processes that have ended without closing them. */
  private orphans: OpenDevice[] = [];
  private readonly scene: StormScene;
  private readonly options: StormOptions;

  constructor(scene: StormScene, options: StormOptions) {
    this.scene = scene;
    this.options = options;
    this.processes = [new StormProcess(scene.small.task)];
  }

  run(step: StormStep, value: number): void {
    this.scene.host.advance(step.waitMs * PS_PER_MS);
    const process = this.processes.at(step.process % this.processes.length) as StormProcess;
    this[step.op](process, step, value);
    const open = this.processes.flatMap((one) => this.devicesOf(one));
    expect(findMirrorProblems(open.map(({ mirror }) => mirror))).toEqual([]);
    expect(this.scene.findProblems?.([...open, ...this.orphans], step) ?? []).toEqual([]);
  }

  /** Every process reads everything by its CPU, and leaves. */
  end(): void {
    for (const process of this.processes) {
      for (let at = 0; at < STORM_PAGES; at++) {
        if (process.allows(at, false)) this.expectRead(process, at);
      }
    }
    for (const process of this.processes.slice()) this.leave(process, false);
    this.closeOrphans();
    const { small, stacks } = this.scene;
    for (const { attached } of stacks) {
      const { memory, mappings, device } = attached;
      expect(memory?.nrFree, `free pages of ${device.name}`).toBe(memory?.nrPages);
      expect(mappings.size, `mappings of ${device.name}`).toBe(0);
    }
    assertWorldConsistent(small.world);
  }

  private cpu(process: StormProcess, { access, at }: StormStep, value: number): void {
    const isWrite = access !== "read";
    const { world } = this.scene.small;
    const { task } = process;
    if (!process.allows(at, isWrite)) {
      expect(cpuAccess(world, task, BASE + at, isWrite), `page ${at}`).not.toBe(0);
      return;
    }
    if (!isWrite) return this.expectRead(process, at);
    const rc = this.access(task, at, true);
    if (rc !== 0) throw new Error(`page ${at}: a CPU's write returned ${rc}`);
    writePageContent(world, task.mm, BASE + at, value);
    process.store(at, value);
  }

  private fill(process: StormProcess, step: StormStep, value: number): void {
    const { start, nrPages } = rangeOf(step);
    for (let i = 0; i < nrPages; i++) {
      const at = start - BASE + i;
      if (process.allows(at, true)) this.cpu(process, { ...step, at, access: "write" }, value);
    }
  }

  private device(process: StormProcess, step: StormStep, value: number): void {
    const { access } = step;
    const stack = this.stackOf(step);
    const range = rangeOf(step);
    const isWrite = access !== "read";
    const { task } = process;
    const request = { ...range, access, value };
    const done = runToCompletion(deviceAccess(stack, stack.open(task.mm), task, request));
    if (process.allowsAll(range, isWrite)) {
      expect([0, ...(this.options.refusals?.(stack, step) ?? [])]).toContain(done.rc);
    } else expect(done.rc, "a forbidden access").toBeLessThan(0);
    for (let i = 0; i < done.nrDone; i++) {
      const at = range.start - BASE + i;
      if (!process.allows(at, isWrite)) throw new Error(`page ${at}: a forbidden access`);
      if (isWrite) process.store(at, value);
      else expectContent(process, at, done.values[i]);
    }
  }

  private prefetch({ task }: StormProcess, step: StormStep): void {
    const stack = this.stackOf(step);
    runToCompletion(stack.prefetch(stack.open(task.mm), task, rangeOf(step)));
  }

  private evict({ task }: StormProcess, step: StormStep): void {
    const stack = this.stackOf(step);
    runToCompletion(stack.evict(stack.open(task.mm), task, rangeOf(step)));
  }

  private advise({ task }: StormProcess, step: StormStep): void {
    const stack = this.stackOf(step);
    const advices = this.options.advices?.(stack) ?? [];
    const advice = advices[step.advice % advices.length];
    if (advice === undefined || stack.advise === undefined) return;
    runToCompletion(stack.advise(stack.open(task.mm), task, rangeOf(step), advice));
  }

  /** Another device asks. */
  private pull({ task }: StormProcess, step: StormStep): void {
    const stack = this.stackOf(step);
    const from = this.stackOf({ ...step, device: step.device + 1 });
    const verb = stack.pullFor?.(from, stack.open(task.mm), task, rangeOf(step));
    if (verb !== undefined) runToCompletion(verb);
  }

  private fork(process: StormProcess): void {
    if (this.processes.length === MAX_PROCESSES) return;
    const child = runToCompletion(sysFork(this.scene.small.world, process.task));
    if (typeof child === "number") throw new Error(`fork returned ${child}`);
    this.processes.push(new StormProcess(child, process));
  }

  private exit(process: StormProcess, { advice }: StormStep): void {
    this.closeOrphans();
    if (this.processes.length > 1) this.leave(process, advice % 2 === 0);
  }

  /** munmap(), and mmap() of the same pages: they read as zero. */
  private remap(process: StormProcess, step: StormStep): void {
    this.hole(process, step);
    const range = rangeOf(step);
    const prot = PROT_READ | PROT_WRITE;
    const { world } = this.scene.small;
    runToCompletion(sysMmap(world, process.task, { ...range, prot, shared: false }));
    process.renew(range, prot);
  }

  private hole(process: StormProcess, step: StormStep): void {
    const { world } = this.scene.small;
    const range = rangeOf(step);
    const { start, nrPages } = range;
    expect(runToCompletion(sysMunmap(world, process.task, start, nrPages))).toBe(0);
    process.renew(range, 0);
  }

  private protect(process: StormProcess, step: StormStep): void {
    const range = rangeOf(step);
    if (!process.allowsAll(range, false)) return;
    const prot = step.advice % 2 === 0 ? PROT_READ : PROT_READ | PROT_WRITE;
    const { world } = this.scene.small;
    const { start, nrPages } = range;
    expect(runToCompletion(sysMprotect(world, process.task, start, nrPages, prot))).toBe(0);
    process.protect(range, prot);
  }

  private madvise(process: StormProcess, step: StormStep): void {
    const range = rangeOf(step);
    if (!process.allowsAll(range, false)) return;
    const advice = STORM_MADVICE[step.advice % STORM_MADVICE.length] ?? MADV_DONTNEED;
    const { world } = this.scene.small;
    const { start, nrPages } = range;
    this.callPatiently(() => sysMadvise(world, process.task, start, nrPages, advice));
    if (advice !== MADV_DONTNEED) return;
    for (let i = 0; i < range.nrPages; i++) process.store(range.start - BASE + i, 0);
  }

  /** The process goes to another CPU, and NUMA balancing turns its entries into hints. */
  private hint({ task }: StormProcess, { advice }: StormStep): void {
    const { world } = this.scene.small;
    task.cpu = advice % world.nodes.length;
    runToCompletion(taskNumaWork(world, task));
  }

  /** @param isAbrupt the devices are closed after the address space has ended. */
  private leave(process: StormProcess, isAbrupt: boolean): void {
    const open = this.devicesOf(process);
    if (isAbrupt) this.orphans.push(...open);
    else for (const { stack, mirror } of open) stack.close(mirror);
    runToCompletion(sysExit(this.scene.small.world, process.task));
    this.processes = this.processes.filter((other) => other !== process);
  }

  private closeOrphans(): void {
    for (const { stack, mirror } of this.orphans.splice(0)) stack.close(stack.open(mirror.mm));
  }

  private expectRead(process: StormProcess, at: number): void {
    const { world } = this.scene.small;
    const { task } = process;
    const rc = this.access(task, at, false);
    if (rc !== 0) throw new Error(`page ${at}: a CPU's read returned ${rc}`);
    expectContent(process, at, readPageContent(world, task.mm, BASE + at));
  }

  /** A system call that is made again, later, when a driver keeps a page that it faults. */
  private callPatiently(call: () => Verb): void {
    try {
      runToCompletion(call());
    } catch (error) {
      if (!(error instanceof DeadlockError) || error.wait.reason !== "allocation") throw error;
      this.scene.small.world.pendingWait = null;
      this.scene.host.advance((this.options.patienceMs ?? 0) * PS_PER_MS);
      runToCompletion(call());
    }
  }

  /** A CPU's access; while a driver keeps the page, time passes. */
  private access(task: TaskStruct, at: number, isWrite: boolean): AccessResult {
    const { small, host } = this.scene;
    const { patienceMs = 0 } = this.options;
    for (let waitMs = 1; ; waitMs *= 2) {
      const result = cpuAccess(small.world, task, BASE + at, isWrite);
      if (result !== ACCESS_WAIT || waitMs > patienceMs) return result;
      small.world.pendingWait = null;
      host.advance(waitMs * PS_PER_MS);
    }
  }

  private devicesOf({ task }: StormProcess): OpenDevice[] {
    return this.scene.stacks.map((stack) => ({ stack, mirror: stack.open(task.mm) }));
  }

  private stackOf({ device }: StormStep): DeviceStack {
    return this.scene.stacks.at(device % this.scene.stacks.length) as DeviceStack;
  }
}

/** Thrown by hand: it is asked for each page. */
function expectContent(process: StormProcess, at: number, found: number | undefined): void {
  if (found === process.content(at)) return;
  throw new Error(`page ${at} reads as ${found} in place of ${process.content(at)}`);
}

function rangeOf({ at, nrPages }: StormStep): PageRange {
  return { start: BASE + at, nrPages: Math.min(nrPages, STORM_PAGES - at) };
}
