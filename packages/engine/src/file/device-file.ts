// mmap of a driver's own file: every page is allocated and mapped at once, and no fault follows.
// Mirrors vm_insert_page of mm/memory.c as simple drivers use it. The VMA carries VM_MIXEDMAP.
import {
  EFFORT_PTE_SET,
  ENOMEM,
  LEAF_PRESENT,
  LEAF_WRITE,
  type TaskStruct,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocFolioFor, zeroFolio } from "../folio/folio-alloc.ts";
import { folioAddFileRmapPte } from "../rmap/add-remove.ts";

/**
 * Fills a VMA with zeroed pages that belong to no page cache: they go when they are unmapped.
 * @returns 0, or -ENOMEM with the pages so far mapped.
 * @kernelpart mm/memory.c vm_insert_page (v7.2) a driver's loop around it, over a whole mapping
 */
export function insertDevicePages(world: World, task: TaskStruct, vma: VmAreaStruct): number {
  const isSharedWritable = vma.has(VM_SHARED | VM_WRITE);
  const bits = LEAF_PRESENT | (isSharedWritable ? LEAF_WRITE : 0);
  for (let page = vma.vmStart; page < vma.vmEnd; page++) {
    const pfn = allocFolioFor(world, task, null, 0);
    if (pfn === 0) return -ENOMEM;
    zeroFolio(world, pfn);
    folioAddFileRmapPte(world, pfn, vma);
    vma.vmMm.pageTable.set(page, bits, pfn);
    world.effort.add(EFFORT_PTE_SET, 1);
  }
  return 0;
}
