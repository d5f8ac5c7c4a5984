// One process of a case: its task and the descriptors that the recording program holds for it.

import type { TaskStruct, UserfaultfdCtx } from "@faultline/core";
import type { Dmirror } from "@faultline/stacks";
import { MAX_DEVICES } from "../case.ts";

/** A live process. */
export class CaseProcess {
  readonly task: TaskStruct;
  /** Where the sleeping thread started last runs and allocates; null without one. */
  lastThread: Pick<TaskStruct, "cpu" | "mempolicy"> | null = null;
  /** Open device files in the order of their descriptors; null where a descriptor is free. */
  readonly deviceFiles: (Dmirror | null)[] = [];
  /** Whether it has tried to pin pages, which opens a descriptor of the pin interface. */
  hasPinDescriptor = false;
  /** The open userfaultfd, null when there is none. */
  userfaultfd: UserfaultfdCtx | null = null;

  constructor(task: TaskStruct) {
    this.task = task;
  }

  /** The open file of a device, or null. */
  deviceFile(device: number): Dmirror | null {
    return this.deviceFiles.find((file) => file?.device.pgmap.device === device) ?? null;
  }

  /** Puts an open file on the lowest free descriptor. */
  addDeviceFile(file: Dmirror): void {
    const free = this.deviceFiles.indexOf(null);
    if (free < 0) this.deviceFiles.push(file);
    else this.deviceFiles[free] = file;
  }

  /** Frees the descriptor of an open file. */
  removeDeviceFile(file: Dmirror): void {
    const at = this.deviceFiles.indexOf(file);
    if (at >= 0) this.deviceFiles[at] = null;
  }

  /** Device files by device number, as snapshots are shown. */
  deviceFilesByNumber(): (Dmirror | null)[] {
    return Array.from({ length: MAX_DEVICES }, (_, device) => this.deviceFile(device));
  }
}
