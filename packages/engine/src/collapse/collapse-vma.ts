// Which VMAs may be collapsed, and by whom. Mirrors mm/huge_memory.c thp_vma_allowable_orders for
// the callers that are no faults, and mm/khugepaged.c hugepage_vma_revalidate.
import {
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type MmStruct,
  VM_HUGEPAGE,
  VM_HUGETLB,
  VM_NOHUGEPAGE,
  VM_SPECIAL,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { fileCollapseAllowable } from "../file/collapse-file-block.ts";
import { coversBlock } from "../thp/thp-allowable.ts";
import type { CollapseControl } from "./collapse-control.ts";
import type { ScanResult } from "./scan-result.ts";

/** True when a block somewhere in the VMA could be huge. */
function hasWholeBlock(vma: VmAreaStruct): boolean {
  const table = vma.vmMm.pageTable;
  if (vma.nrPages < table.blockPages) return false;
  return coversBlock(vma, vma.vmEnd - table.blockPages);
}

/** What both kinds of collapse ask of a VMA, whatever its contents. */
function isCollapsible(vma: VmAreaStruct): boolean {
  if ((vma.vmFlags & (VM_NOHUGEPAGE | VM_SPECIAL | VM_HUGETLB)) !== 0) return false;
  return hasWholeBlock(vma);
}

/** MADV_COLLAPSE asks neither the settings nor the VMA's advice, only that nothing forbids it. */
export function forcedCollapseAllowable(world: World, vma: VmAreaStruct): boolean {
  if (!isCollapsible(vma)) return false;
  return vma.isAnonymous ? vma.anonVma !== null : fileCollapseAllowable(world, vma);
}

/** True when the settings let any huge page be made at all. */
export function hugepagePmdEnabled(world: World): boolean {
  return world.settings.thpEnabled !== "never";
}

/**
 * Whether khugepaged may work on the VMA.
 * @kernelpart mm/huge_memory.c __thp_vma_allowable_orders (v7.2) the question as khugepaged asks
 * it, of PMD order only
 */
export function khugepagedAllowable(world: World, vma: VmAreaStruct): boolean {
  const mode = world.settings.thpEnabled;
  const isWanted = mode === "always" || (mode === "madvise" && vma.has(VM_HUGEPAGE));
  if (!isWanted || !isCollapsible(vma)) return false;
  return vma.isAnonymous && vma.anonVma !== null;
}

/** A VMA that passed, or why the block cannot be collapsed. */
export interface Revalidation {
  readonly result: ScanResult;
  readonly vma: VmAreaStruct | null;
}

/**
 * Finds the VMA of a block again after mmap_lock was dropped.
 * @kernel mm/khugepaged.c hugepage_vma_revalidate (v7.2)
 */
export function hugepageVmaRevalidate(
  world: World,
  mm: MmStruct,
  block: number,
  cc: CollapseControl,
): Revalidation {
  if (!mm.isAlive) return { result: "SCAN_ANY_PROCESS", vma: null };
  const vma = mm.vmaAt(block);
  if (vma === null) return { result: "SCAN_VMA_NULL", vma: null };
  if (!coversBlock(vma, block)) return { result: "SCAN_ADDRESS_RANGE", vma: null };
  const isAllowed = cc.isKhugepaged
    ? khugepagedAllowable(world, vma)
    : forcedCollapseAllowable(world, vma);
  return isAllowed ? { result: "SCAN_SUCCEED", vma } : { result: "SCAN_VMA_CHECK", vma: null };
}

/**
 * Whether the block has a table to collapse. A huge leaf, present or migrating, needs no collapse;
 * a device-private one and an empty slot offer nothing to copy.
 * @kernel mm/khugepaged.c find_pmd_or_thp_or_none (v7.2)
 */
export function findPmdOrThpOrNone(mm: MmStruct, block: number): ScanResult {
  switch (leafKind(mm.pageTable.slotBits(block))) {
    case LEAF_TABLE:
      return "SCAN_SUCCEED";
    case LEAF_PRESENT:
    case LEAF_MIGRATION:
      return "SCAN_PMD_MAPPED";
    default:
      return "SCAN_NO_PTE_TABLE";
  }
}
