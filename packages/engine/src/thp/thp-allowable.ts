// When an anonymous fault may install a PMD leaf, and what a new VMA boundary does to one.
// Mirrors include/linux/huge_mm.h and mm/huge_memory.c. Sizes between 4 KiB and a PMD stay off.
import {
  VM_HUGEPAGE,
  VM_NOHUGEPAGE,
  VM_SPECIAL,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { splitHugePmd } from "./split-pmd.ts";

/** True when the whole block of the page lies inside the VMA. */
export function coversBlock(vma: VmAreaStruct, page: number): boolean {
  const table = vma.vmMm.pageTable;
  const start = table.blockStart(page);
  return start >= vma.vmStart && start + table.blockPages <= vma.vmEnd;
}

/**
 * Whether the settings and the VMA's advice allow huge anonymous pages at all.
 * @kernel mm/huge_memory.c __thp_vma_allowable_orders (v7.2)
 */
function thpVmaEnabled(world: World, vma: VmAreaStruct): boolean {
  if (!vma.isAnonymous || (vma.vmFlags & (VM_NOHUGEPAGE | VM_SPECIAL)) !== 0) return false;
  const mode = world.settings.thpEnabled;
  return mode === "always" || (mode === "madvise" && (vma.vmFlags & VM_HUGEPAGE) !== 0);
}

/** Whether a fault at the page may install a PMD leaf, as far as the VMA is concerned. */
export function thpVmaAllowable(world: World, vma: VmAreaStruct, page: number): boolean {
  return coversBlock(vma, page) && thpVmaEnabled(world, vma);
}

/**
 * Prepares a VMA for a new boundary at `boundary`: inside a block that the VMA covers, the leaf is
 * split and the whole block is announced as changed, whether or not there was a leaf.
 * @kernel mm/huge_memory.c vma_adjust_trans_huge (v7.2)
 */
export function vmaAdjustTransHuge(world: World, vma: VmAreaStruct, boundary: number): void {
  const table = vma.vmMm.pageTable;
  if (boundary === table.blockStart(boundary) || !coversBlock(vma, boundary)) return;
  if (!table.hasPmdTable(boundary)) return;
  splitHugePmd(world, vma, boundary, true);
}
