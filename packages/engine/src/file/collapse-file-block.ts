// MADV_COLLAPSE of a mapping of shared memory: the cache becomes huge first, then the mapping.
// Mirrors mm/khugepaged.c collapse_scan_file and collapse_pte_mapped_thp.
import {
  EFFORT_TLB_FLUSH,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  MMU_NOTIFY_CLEAR,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import type { CollapseControl } from "../collapse/collapse-control.ts";
import type { ScanResult } from "../collapse/scan-result.ts";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { isPmdLeaf } from "../thp/split-pmd.ts";
import { userfaultfdWp } from "../userfaultfd/predicates.ts";
import type { Verb } from "../verb.ts";
import { collapseFile, isHugeCached } from "./collapse-file.ts";
import { filemapGetPage } from "./filemap.ts";
import { doSetPmd } from "./map-large-folio.ts";

/** True for a mapping of shared memory whose blocks line up with those of the file. */
export function fileCollapseAllowable(world: World, vma: VmAreaStruct): boolean {
  if (vma.vmFile?.isSwapBacked !== true) return false;
  return (vma.vmStart - vma.vmPgoff) % world.blockPages === 0;
}

/**
 * Makes a block of a file mapping huge. A private mapping that already has copies of its own keeps
 * its table and fails, yet the cache behind it is huge from then on.
 * @kernelpart mm/khugepaged.c collapse_scan_file (v7.2) without the cgroup and the retracting of
 * other tables
 */
export function* collapseFileBlock(
  world: World,
  vma: VmAreaStruct,
  block: number,
  cc: CollapseControl,
): Verb<ScanResult> {
  const file = vma.vmFile;
  if (file === null) return "SCAN_VMA_CHECK";
  const result = collapseFile(world, file, vma.indexOf(block), cc);
  if (result !== "SCAN_SUCCEED") return result;
  yield* mmapReadLock(world, vma.vmMm);
  const mapped = yield* collapsePteMappedThp(world, vma, block);
  mmapReadUnlock(vma.vmMm);
  return mapped;
}

/**
 * Maps a block whose cache is one huge folio by a leaf, in place of PTEs of that folio.
 * @kernel mm/khugepaged.c collapse_pte_mapped_thp (v7.2)
 */
function* collapsePteMappedThp(world: World, vma: VmAreaStruct, block: number): Verb<ScanResult> {
  const table = vma.vmMm.pageTable;
  const file = vma.vmFile;
  if (isPmdLeaf(table.slotBits(block))) return "SCAN_PMD_MAPPED";
  if (userfaultfdWp(vma)) return "SCAN_PTE_UFFD_WP";
  if (file === null || !isHugeCached(world, file, vma.indexOf(block))) return "SCAN_PAGE_NULL";
  const head = filemapGetPage(world, file, vma.indexOf(block));
  if (leafKind(table.slotBits(block)) === LEAF_TABLE) {
    const result = checkTable(world, vma, block, head);
    if (result !== "SCAN_SUCCEED") return result;
    const end = block + world.blockPages;
    const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, block, end);
    yield* settle(range);
    dropTable(world, vma, block, head);
    mmuNotifierInvalidateRangeEnd(range);
  }
  return doSetPmd(world, vma, block, head, false) ? "SCAN_SUCCEED" : "SCAN_FAIL";
}

/** Every entry must be absent or name its page of the folio. */
function checkTable(world: World, vma: VmAreaStruct, block: number, head: number): ScanResult {
  const table = vma.vmMm.pageTable;
  for (let i = 0; i < world.blockPages; i++) {
    const bits = table.bits(block + i);
    if (bits === LEAF_NONE) continue;
    if (leafKind(bits) !== LEAF_PRESENT) return "SCAN_PTE_NON_PRESENT";
    if (table.val(block + i) !== head + i) return "SCAN_FAIL";
  }
  return "SCAN_SUCCEED";
}

function dropTable(world: World, vma: VmAreaStruct, block: number, head: number): void {
  const table = vma.vmMm.pageTable;
  for (let i = 0; i < world.blockPages; i++) {
    if (leafKind(table.bits(block + i)) !== LEAF_PRESENT) continue;
    table.set(block + i, LEAF_NONE, 0);
    folioRemoveRmapPte(world, head + i, vma.vmMm);
  }
  table.freeLeafTable(block);
  folioReleaseIfUnused(world, head);
  world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, vma.vmMm.cpumask);
}
