// How a fault maps a large folio of the page cache: by a leaf where it can, else whole where it
// fits. Mirrors do_set_pmd of mm/memory.c and the fit test of finish_fault.
import {
  EFFORT_PTE_SET,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  VM_NOHUGEPAGE,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { vmaWantsWritenotify } from "../fault/can-change-pte-writable.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { folioDupRmapPmd } from "../rmap/add-remove.ts";

/**
 * Where the first page of a cached page's folio would be mapped if the fault at `page` mapped the
 * folio whole. It does so when all of it lies in the VMA and under one page table; pages behind the
 * end of the file come along.
 * @returns a page number, or -1 when the folio does not fit or is a single page.
 * @kernelpart mm/memory.c finish_fault (v7.2) the part that decides whether a large folio is mapped
 * whole
 */
export function wholeFolioStart(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
): number {
  const head = world.frames.head(pfn);
  const nrPages = folioNrPages(world, head);
  if (nrPages === 1) return -1;
  const start = page - (pfn - head);
  const block = vma.vmMm.pageTable.blockStart(page);
  const isInVma = start >= vma.vmStart && start + nrPages <= vma.vmEnd;
  const isInTable = start >= block && start + nrPages <= block + world.blockPages;
  return isInVma && isInTable ? start : -1;
}

/**
 * Maps the folio of a cached page by a PMD leaf, when it is that large, lies like the block and the
 * block has no page table yet.
 * @returns false when it stays a matter of PTEs.
 * @kernel mm/memory.c do_set_pmd (v7.2)
 */
export function doSetPmd(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  isWrite: boolean,
): boolean {
  const table = vma.vmMm.pageTable;
  if (table.slotBits(page) !== LEAF_NONE || (vma.vmFlags & VM_NOHUGEPAGE) !== 0) return false;
  if (world.frames.order(pfn) !== world.geometry.pmdOrder) return false;
  const start = wholeFolioStart(world, vma, page, pfn);
  if (start !== table.blockStart(page)) return false;
  const isSharedWritable = vma.has(VM_SHARED | VM_WRITE);
  const isWritable = isSharedWritable && (isWrite || !vmaWantsWritenotify(vma));
  const right = (isWritable ? LEAF_WRITE : 0) | (isWrite ? LEAF_DIRTY : 0);
  const head = world.frames.head(pfn);
  table.setSlot(page, LEAF_PRESENT | LEAF_YOUNG | right, head);
  folioDupRmapPmd(world, head, vma.vmMm);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
  world.recorder?.note("file-huge-leaf", vma.vmMm.mmId, start, world.blockPages);
  return true;
}
