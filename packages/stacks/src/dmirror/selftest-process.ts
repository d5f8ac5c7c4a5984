// A user process with device files, as the driver's selftests are written: map, load, store, ioctl.
// Every call runs to its end; a test that needs two actors drives the verbs itself.
import { type AddressSpace, invariant, type TaskStruct, type World } from "@faultline/core";
import {
  cpuAccess,
  type MadviseAdvice,
  readPageContent,
  runToCompletion,
  sysExit,
  sysFork,
  sysMadvise,
  sysMmap,
  sysMprotect,
  sysMremap,
  sysMunmap,
  writePageContent,
  type Verb,
} from "@faultline/engine";
import type { Dmirror } from "./dmirror.ts";
import { createDmirrorCmd, type DmirrorCmd } from "./dmirror-cmd.ts";
import type { DmirrorDevice } from "./dmirror-device.ts";
import { dmirrorClose, dmirrorOpen } from "./dmirror-open-close.ts";
import { dmirrorSnapshot } from "./dmirror-snapshot.ts";

/** What one command of the driver answered. */
export interface CommandResult {
  readonly result: number;
  readonly cpages: number;
  readonly faults: number;
  /** Tokens read back, one per page. */
  readonly data: readonly number[];
}

/** How to map memory; private anonymous memory by default. */
export interface MapOptions {
  readonly shared?: boolean;
  readonly hugetlb?: boolean;
  readonly file?: AddressSpace;
}

/** A command of the driver. */
export type DmirrorCommand = (
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  cmd: DmirrorCmd,
) => Verb;

/** Gap between mappings, so that none of them ever merge. */
const GAP_BLOCKS = 2;

/** One process. */
export class SelftestProcess {
  readonly world: World;
  readonly task: TaskStruct;
  private readonly files: Dmirror[] = [];
  private nextBlock = 16;

  constructor(world: World, task: TaskStruct) {
    this.world = world;
    this.task = task;
  }

  /** Opens a device. */
  open(device: DmirrorDevice): Dmirror {
    const file = dmirrorOpen(this.world, device, this.task.mm);
    this.files.push(file);
    return file;
  }

  /** Maps memory at a fresh, block-aligned place and returns its first page. */
  map(nrPages: number, prot: number, options: MapOptions = {}): number {
    const { blockPages } = this.world;
    const start = this.nextBlock * blockPages;
    this.nextBlock += Math.ceil(nrPages / blockPages) + GAP_BLOCKS;
    const request = { start, nrPages, prot, shared: options.shared ?? false, ...options };
    this.must(sysMmap(this.world, this.task, request));
    return start;
  }

  /** Stores `token(i)` into each page. */
  store(start: number, nrPages: number, token: (i: number) => number): void {
    for (let i = 0; i < nrPages; i++) {
      const access = cpuAccess(this.world, this.task, start + i, true);
      invariant(access === 0, `store to page ${i} ended with ${access}`);
      writePageContent(this.world, this.task.mm, start + i, token(i));
    }
  }

  /** Loads every page. */
  load(start: number, nrPages: number): number[] {
    return Array.from({ length: nrPages }, (_, i) => {
      const access = cpuAccess(this.world, this.task, start + i, false);
      invariant(access === 0, `load from page ${i} ended with ${access}`);
      return readPageContent(this.world, this.task.mm, start + i);
    });
  }

  mprotect(start: number, nrPages: number, prot: number): void {
    this.must(sysMprotect(this.world, this.task, start, nrPages, prot));
  }

  munmap(start: number, nrPages: number): void {
    this.must(sysMunmap(this.world, this.task, start, nrPages));
  }

  /** Moves a mapping and returns where it is now. */
  mremap(start: number, nrPages: number, newStart: number, dontunmap: boolean): void {
    const options = { dontunmap };
    const moved = sysMremap(this.world, this.task, start, nrPages, nrPages, newStart, options);
    invariant(runToCompletion(moved) >= 0, "mremap failed");
  }

  madvise(start: number, nrPages: number, advice: MadviseAdvice): number {
    return runToCompletion(sysMadvise(this.world, this.task, start, nrPages, advice));
  }

  /** Forks; the child has no device file open. */
  fork(): SelftestProcess {
    const child = runToCompletion(sysFork(this.world, this.task));
    if (typeof child === "number") return invariant(false, `fork ended with ${child}`) as never;
    return new SelftestProcess(this.world, child);
  }

  /** Exits: the address space goes first, then the device files. */
  exit(): void {
    runToCompletion(sysExit(this.world, this.task));
    for (const file of this.files) dmirrorClose(this.world, this.task, file);
  }

  /** Runs a command of the driver; `data` is what it writes. */
  command(
    run: DmirrorCommand,
    file: Dmirror,
    start: number,
    nrPages: number,
    data: (i: number) => number = () => 0,
  ): CommandResult {
    const cmd = createDmirrorCmd(start, nrPages);
    for (let i = 0; i < nrPages; i++) cmd.data[i] = data(i);
    const result = runToCompletion(run(this.world, this.task, file, cmd));
    return { result, cpages: cmd.cpages, faults: cmd.faults, data: Array.from(cmd.data) };
  }

  /** The snapshot bytes of a range. */
  snapshot(file: Dmirror, start: number, nrPages: number): number[] {
    const bytes = new Uint8Array(nrPages);
    const result = dmirrorSnapshot(this.world, this.task, file, start, nrPages, bytes);
    invariant(result === 0, `snapshot ended with ${result}`);
    return Array.from(bytes);
  }

  private must(verb: Verb): void {
    const result = runToCompletion(verb);
    invariant(result === 0, `system call ended with ${result}`);
  }
}
