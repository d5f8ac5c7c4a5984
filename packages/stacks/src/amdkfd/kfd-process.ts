// What amdkfd keeps for one process: its ranges, the GPUs it uses, and its queues. Mirrors the
// parts of struct kfd_process and struct svm_range_list that shared memory needs.
import type { MmStruct, TaskStruct } from "@faultline/core";
import type { DeviceMirror } from "../device/device-mirror.ts";
import type { KfdStack } from "./kfd-stack.ts";
import { SvmRangeList } from "./svm-range.ts";

/** A GPU that a process has opened. */
export interface OpenGpu {
  readonly stack: KfdStack;
  readonly mirror: DeviceMirror;
}

/** One process. */
export class KfdProcess {
  readonly mm: MmStruct;
  readonly pid: number;
  /** Name of its program. */
  readonly comm: string;
  readonly ranges: SvmRangeList = new SvmRangeList();
  readonly gpus: OpenGpu[] = [];
  /** Retry faults that are older are drained: their mapping has gone since. */
  checkpointPs = -1;
  /** Whose walk for a GPU is under way: its faults move nothing to system memory. */
  faultingTask: TaskStruct | null = null;
  /** Ends the restore that is under way; null when none is. */
  cancelRestore: (() => void) | null = null;

  constructor(mm: MmStruct, pid: number, comm: string) {
    this.mm = mm;
    this.pid = pid;
    this.comm = comm;
  }

  /** Queues stand while a range of the process is invalid and they cannot fault on it. */
  get isEvicted(): boolean {
    return this.ranges.all().some((range) => range.isEvicted);
  }
}
