// The machine a case runs on: two nodes of 2 GiB with one CPU each, the test driver's devices, and
// up to three processes.

import {
  type AddressSpace,
  KERNEL_7_2_12,
  KERNEL_7_2_FIXED,
  type TaskStruct,
  World,
} from "@faultline/core";
import { createFile, fileGet, runToCompletion, type Verb } from "@faultline/engine";
import { DmirrorDevice } from "@faultline/stacks";
import { CASE_HAS_FILES, type ConformanceCase, MAX_PROCESSES } from "../case.ts";
import type { KernelSetup } from "../kernel-under-test.ts";
import { CaseProcess } from "./case-process.ts";

/** Page number of window page 0: virtual address 4 GiB. */
export const WINDOW_START = 0x100000;
const NODE_PAGES = 2 ** 19;
/** 512 MiB of zram. */
const SWAP_PAGES = 2 ** 17;
const FILE_PAGES = 64;

/** World, devices, files and processes of one case. */
export class CaseMachine {
  readonly conformanceCase: ConformanceCase;
  readonly world: World;
  readonly devices: readonly DmirrorDevice[];
  /** Files 0 and 1 are on tmpfs, 2 and 3 on ramfs; empty when the case has none. */
  readonly files: readonly AddressSpace[];
  readonly processes: (CaseProcess | null)[];
  /** Frames held by the machine's one set of long-term pins, null when there is none. */
  pinnedPfns: readonly number[] | null = null;

  constructor(setup: KernelSetup) {
    const { boot, options } = setup.case;
    this.conformanceCase = setup.case;
    this.world = new World({
      kernel: setup.preset === "7.2.12" ? KERNEL_7_2_12 : KERNEL_7_2_FIXED,
      nodes: [
        { nrPages: NODE_PAGES, cpus: [0] },
        { nrPages: NODE_PAGES, cpus: [1] },
      ],
      nrSwapPages: boot === "swap" ? SWAP_PAGES : 0,
    });
    const nrDevices = boot === "coh" ? 4 : 2;
    this.devices = Array.from(
      { length: nrDevices },
      (_, number) => new DmirrorDevice(this.world, number, number >= 2),
    );
    const kinds = (options & CASE_HAS_FILES) === 0 ? [] : ["tmpfs", "tmpfs", "ramfs", "ramfs"];
    this.files = kinds.map((kind) => this.createFile(kind as "tmpfs" | "ramfs"));
    this.processes = Array.from<null>({ length: MAX_PROCESSES }).fill(null);
    this.processes[0] = new CaseProcess(this.world.createTask(0));
  }

  /** Tasks of all live processes, in process order. */
  tasks(): TaskStruct[] {
    return this.processes.flatMap((process) => (process === null ? [] : [process.task]));
  }

  /** Drives a system call to its end: one operation runs at a time. */
  run<T>(verb: Verb<T>): T {
    return runToCompletion(verb);
  }

  private createFile(kind: "tmpfs" | "ramfs"): AddressSpace {
    const file = createFile(this.world, kind, FILE_PAGES);
    // The recording program keeps a descriptor open.
    fileGet(file);
    return file;
  }
}
