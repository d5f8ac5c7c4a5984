// struct task_struct, as far as memory management asks about it: who faults, where, and under which
// policy. A process is one TaskStruct with `nrThreads` threads.
import type { Mempolicy } from "./mempolicy.ts";
import type { MmStruct } from "./mm-struct.ts";

/** One process. */
export interface TaskStruct {
  readonly pid: number;
  /** Name of the program: a child has its parent's. Drivers tell it. */
  comm: string;
  mm: MmStruct;
  /** CPU the task runs on; its node is where local memory is. */
  cpu: number;
  /** Policy of set_mempolicy, null for MPOL_DEFAULT. */
  mempolicy: Mempolicy | null;
  nrThreads: number;
  /** Preferred node found by NUMA balancing, -1 for none (`numa_preferred_nid`). */
  numaPreferredNode: number;
}
