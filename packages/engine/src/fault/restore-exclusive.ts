// Taking a page back from a device that held it exclusively. Mirrors mm/memory.c.
import {
  EFFORT_PTE_SET,
  FRAME_DIRTY,
  FRAME_LOCKED,
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  MMU_NOTIFY_CLEAR,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { canChangePteWritable } from "./can-change-pte-writable.ts";
import { faultWait } from "./fault-flags.ts";

/**
 * Puts the CPU's entry back in place of a device-exclusive one, without an event: writable when the
 * VMA is and the page belongs to this mm alone. Mapcount and references stay as they are.
 * @kernel mm/memory.c restore_exclusive_pte (v7.2)
 */
export function restoreExclusivePte(world: World, vma: VmAreaStruct, page: number): void {
  const { pageTable } = vma.vmMm;
  const pfn = pageTable.val(page);
  let bits = LEAF_PRESENT | (pageTable.bits(page) & LEAF_UFFD_WP);
  if ((vma.vmFlags & VM_WRITE) !== 0 && canChangePteWritable(world, vma, bits, pfn)) {
    const isDirty = (world.frames.flags(world.frames.head(pfn)) & FRAME_DIRTY) !== 0;
    bits |= LEAF_WRITE | (isDirty ? LEAF_DIRTY : 0);
  }
  pageTable.set(page, bits, pfn);
  world.effort.add(EFFORT_PTE_SET, 1);
}

/**
 * Resolves a fault on a device-exclusive entry.
 * @returns 0, after which the access is tried again, or VM_FAULT_WAIT for the folio lock.
 * @kernel mm/memory.c remove_device_exclusive_entry (v7.2)
 */
export function removeDeviceExclusiveEntry(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
): number {
  const mm = vma.vmMm;
  const head = world.frames.head(pfn);
  if ((world.frames.flags(head) & FRAME_LOCKED) !== 0) return faultWait(world, "folio-lock", head);
  world.recorder?.note("exclusive-restore", mm.mmId, page, 1);
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, page, page + 1);
  restoreExclusivePte(world, vma, page);
  mmuNotifierInvalidateRangeEnd(range);
  return 0;
}
