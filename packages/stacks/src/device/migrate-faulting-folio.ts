// A CPU fault on device memory answered by moving one folio: the touched page, or the whole block
// where one leaf maps it. What drivers do that keep no larger allocations.
import { ENOMEM } from "@faultline/core";
import {
  type AttachedDevice,
  type DeviceSystem,
  type FaultContext,
  runToCompletion,
  VM_FAULT_OOM,
  VM_FAULT_SIGBUS,
} from "@faultline/engine";
import { migrateToSystem } from "./migrate-range.ts";

/** @returns VM_FAULT_* bits; 0 also when nothing moved, because the access is simply retried. */
export function migrateFaultingFolio(
  system: DeviceSystem,
  from: AttachedDevice,
  { world, task, vma, page, isPmd, pfn }: FaultContext,
): number {
  const start = isPmd ? vma.vmMm.pageTable.blockStart(page) : page;
  const end = start + (isPmd ? world.blockPages : 1);
  const range = { vma, start, end, faultPage: pfn };
  const verb = migrateToSystem(system, { from, task, range, compound: isPmd });
  return faultResult(runToCompletion(verb).rc);
}

/** The VM_FAULT_* bits for what a migration returned. */
export function faultResult(rc: number): number {
  if (rc === -ENOMEM) return VM_FAULT_OOM;
  return rc === 0 ? 0 : VM_FAULT_SIGBUS;
}
