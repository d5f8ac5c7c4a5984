// The CPU touched a page that lives on the device: bring it back. Mirrors dmirror_devmem_fault of
// lib/test_hmm.c. A PTE fault brings one page, a PMD fault the whole block.
import {
  createMigrateVma,
  type FaultContext,
  MIGRATE_VMA_SELECT_COMPOUND,
  migrateVmaFinalize,
  migrateVmaPages,
  migrateVmaSetup,
  VM_FAULT_OOM,
  VM_FAULT_SIGBUS,
} from "@faultline/engine";
import type { Dmirror } from "./dmirror.ts";
import { dmirrorDevmemFaultAllocAndCopy, selectDevice } from "./dmirror-to-system.ts";

/**
 * @param dmirror the file that migrated the page: its mirror forgets it, and its armed allocation
 * failure hits the fault.
 * @returns VM_FAULT_* bits; 0 also when nothing moved, because the access is simply retried.
 * @kernel lib/test_hmm.c dmirror_devmem_fault (v7.2)
 */
export function dmirrorDevmemFault(dmirror: Dmirror, fault: FaultContext): number {
  const { world, task, vma, page, isPmd } = fault;
  const nrPages = isPmd ? world.blockPages : 1;
  const start = isPmd ? vma.vmMm.pageTable.blockStart(page) : page;
  const args = createMigrateVma({
    vma,
    start,
    end: start + nrPages,
    flags: selectDevice(dmirror) | (isPmd ? MIGRATE_VMA_SELECT_COMPOUND : 0),
    pgmapOwner: dmirror.device.owner,
    faultPage: fault.pfn,
  });
  if (migrateVmaSetup(world, args) !== 0) return VM_FAULT_SIGBUS;
  const isComplete = dmirrorDevmemFaultAllocAndCopy(world, task, dmirror, args);
  if (isComplete) migrateVmaPages(world, args);
  migrateVmaFinalize(world, args);
  return isComplete ? 0 : VM_FAULT_OOM;
}
