// struct vm_fault as a driver's migrate_to_ram sees it. Only faults on device memory build one: the
// paths that run for every page of a process pass plain arguments.
import type { TaskStruct, VmAreaStruct, World } from "@faultline/core";

/** A CPU (or GUP, or hmm) fault on a device-private page, as handed to `migrateToRam`. */
export interface FaultContext {
  readonly world: World;
  /** The current task: its policy and CPU place the pages that come back. */
  readonly task: TaskStruct;
  readonly vma: VmAreaStruct;
  /** The page number that was touched. */
  readonly page: number;
  /** FAULT_FLAG_* bits. */
  readonly flags: number;
  /** The whole block is one device-private leaf. */
  readonly isPmd: boolean;
  /** Device frame at the fault: the touched page, or the folio's head for a PMD leaf. */
  readonly pfn: number;
}
