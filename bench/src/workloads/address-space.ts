// The mm every workload runs on: 1 GiB of private anonymous memory in a machine of 4 GiB.
import { type TaskStruct, World } from "@faultline/core";
import {
  cpuAccess,
  MADV_HUGEPAGE,
  PROT_READ,
  PROT_WRITE,
  runToCompletion,
  sysExit,
  sysFork,
  sysMadvise,
  sysMmap,
  sysMunmap,
} from "@faultline/engine";

/** 1 GiB of 4 KiB pages. */
export const NR_PAGES: number = 2 ** 18;
/** Where the memory is mapped: 4 GiB. */
export const START: number = 2 ** 20;
/** Pages touched in one timed batch. */
export const BATCH: number = 2 ** 12;

/** A machine with one process and, once `map` ran, 1 GiB to play with. */
export class AddressSpaceUnderTest {
  readonly world: World;
  readonly task: TaskStruct;

  constructor() {
    this.world = new World({ nodes: [{ nrPages: 2 ** 20, cpus: [0] }] });
    this.task = this.world.createTask(0);
  }

  map(): void {
    const prot = PROT_READ | PROT_WRITE;
    const request = { start: START, nrPages: NR_PAGES, prot, shared: false };
    this.must(runToCompletion(sysMmap(this.world, this.task, request)));
  }

  unmap(): void {
    this.must(runToCompletion(sysMunmap(this.world, this.task, START, NR_PAGES)));
    this.world.effort.clear();
  }

  adviseHugepage(): void {
    const advice = sysMadvise(this.world, this.task, START, NR_PAGES, MADV_HUGEPAGE);
    this.must(runToCompletion(advice));
  }

  /** Touches `[from, from + nrPages)`, one page in `stride`. */
  touch(from: number, nrPages: number, isWrite: boolean, stride = 1): void {
    const { world, task } = this;
    for (let page = from; page < from + nrPages; page += stride) {
      if (cpuAccess(world, task, page, isWrite) !== 0) throw new Error(`page ${page} faulted`);
    }
    world.effort.clear();
  }

  writeAll(): void {
    this.touch(START, NR_PAGES, true);
  }

  fork(): TaskStruct {
    const child = runToCompletion(sysFork(this.world, this.task));
    if (typeof child === "number") throw new Error(`fork failed: ${child}`);
    return child;
  }

  exit(task: TaskStruct): void {
    this.must(runToCompletion(sysExit(this.world, task)));
    this.world.effort.clear();
  }

  private must(rc: number): void {
    if (rc !== 0) throw new Error(`system call failed: ${rc}`);
  }
}

/** Walks the memory batch by batch; `reset` runs whenever it starts again from the front. */
export class BatchCursor {
  start: number = START;
  private next: number = START + NR_PAGES;
  private readonly reset: () => void;
  private readonly step: number;

  constructor(reset: () => void, step: number = BATCH) {
    this.reset = reset;
    this.step = step;
  }

  /** Chooses the next batch. */
  advance(): void {
    if (this.next >= START + NR_PAGES) {
      this.reset();
      this.next = START;
    }
    this.start = this.next;
    this.next += this.step;
  }
}
