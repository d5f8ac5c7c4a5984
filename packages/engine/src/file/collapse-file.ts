// Turning a block of a file's page cache into one huge folio. Mirrors mm/khugepaged.c collapse_file
// for shared memory and tmpfs; other file systems are built without it.
import {
  type AddressSpace,
  FRAME_DIRTY,
  LEAF_SWAP,
  LEAF_TABLE,
  leafKind,
  MMU_NOTIFY_CLEAR,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocCollapseFolio, type CollapseControl } from "../collapse/collapse-control.ts";
import type { ScanResult } from "../collapse/scan-result.ts";
import { copyPageContent, freeFolio, zeroFolio } from "../folio/folio-alloc.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { withInvalidation } from "../notify.ts";
import { userfaultfdMissing } from "../fault/handle-userfault.ts";
import { shmemSwapinFolio } from "../swap/shmem-swap.ts";
import { userfaultfdWp } from "../userfaultfd/predicates.ts";
import { walkCache } from "./cache-walk.ts";
import { filemapAddFolio, filemapGetPage, filemapRemoveFolio } from "./filemap.ts";
import { tryToUnmapFile } from "./unmap-mapping.ts";

/** True when the cache of the block is one huge folio. */
export function isHugeCached(world: World, file: AddressSpace, first: number): boolean {
  const pfn = filemapGetPage(world, file, first);
  return pfn !== 0 && world.frames.order(pfn) === world.geometry.pmdOrder;
}

/**
 * Replaces the cached pages of the block that starts at `first` by one huge folio with their
 * contents; holes become zeros, swapped pages come back first. Every mapping of the pages is
 * removed, also when a page in use makes the attempt fail.
 * @kernel mm/khugepaged.c collapse_file (v7.2)
 */
export function collapseFile(
  world: World,
  file: AddressSpace,
  first: number,
  cc: CollapseControl,
): ScanResult {
  if (isHugeCached(world, file, first)) return "SCAN_SUCCEED";
  const heads = gatherFolios(world, file, first, cc);
  if (typeof heads === "string") return heads;
  const huge = allocCollapseFolio(world, cc);
  if (huge === 0) return "SCAN_ALLOC_HUGE_PAGE_FAIL";
  const result = prepareFolios(world, file, first, heads, cc);
  if (result !== "SCAN_SUCCEED") {
    freeFolio(world, huge);
    return result;
  }
  zeroFolio(world, huge);
  for (const head of heads) moveContent(world, file, head, huge - first);
  filemapAddFolio(world, file, first, huge);
  if (file.isSwapBacked) world.frames.addFlags(huge, FRAME_DIRTY);
  retractPageTables(world, file, first);
  world.recorder?.note("collapse-file", 0, first, world.blockPages);
  return "SCAN_SUCCEED";
}

/** The folios cached in the block, counted by node; nothing changes. */
function gatherFolios(
  world: World,
  file: AddressSpace,
  first: number,
  cc: CollapseControl,
): number[] | ScanResult {
  const heads: number[] = [];
  let result: ScanResult = "SCAN_SUCCEED";
  let nrSwapped = 0;
  cc.nodeLoad.fill(0);
  walkCache(file, first, first + world.blockPages, (index, bits, val) => {
    if (leafKind(bits) === LEAF_SWAP) {
      nrSwapped++;
      return index + 1;
    }
    const nrPages = folioNrPages(world, val);
    const node = world.frames.nodeOf(val);
    cc.nodeLoad[node] = (cc.nodeLoad[node] as number) + nrPages;
    if (isBusy(world, val)) result = "SCAN_PAGE_COUNT";
    heads.push(val);
    return index + nrPages;
  });
  if (result !== "SCAN_SUCCEED") return result;
  return heads.length + nrSwapped === 0 ? "SCAN_TRUNCATED" : heads;
}

/** True when somebody besides the cache and the mappings holds the folio. */
function isBusy(world: World, head: number): boolean {
  return world.frames.extraRefs(head) !== folioNrPages(world, head);
}

/** Brings swapped pages in and unmaps everything. New folios are appended to `heads`. */
function prepareFolios(
  world: World,
  file: AddressSpace,
  first: number,
  heads: number[],
  cc: CollapseControl,
): ScanResult {
  let nrCached = 0;
  let result: ScanResult = "SCAN_SUCCEED";
  for (const head of heads) nrCached += folioNrPages(world, head);
  walkCache(file, first, first + world.blockPages, (index, bits) => {
    if (leafKind(bits) !== LEAF_SWAP) return index + 1;
    const pfn = shmemSwapinFolio(world, cc.task, null, file, index);
    if (pfn === 0) {
      result = "SCAN_FAIL";
      return first + world.blockPages;
    }
    heads.push(pfn);
    nrCached++;
    return index + 1;
  });
  for (const head of heads) tryToUnmapFile(world, file, head);
  const hasHoles = nrCached < world.blockPages;
  // A monitor that wants to fill the holes itself must not find them filled.
  if (hasHoles && file.iMmap.some((vma) => userfaultfdMissing(vma) && covers(vma, first, world))) {
    return "SCAN_EXCEED_NONE_PTE";
  }
  return result;
}

function covers(vma: VmAreaStruct, first: number, world: World): boolean {
  return vma.vmPgoff <= first + world.blockPages && vma.vmPgoff + vma.nrPages > first;
}

function moveContent(world: World, file: AddressSpace, head: number, pfnOffset: number): void {
  const nrPages = folioNrPages(world, head);
  const index = world.frames.rmapIndex(head);
  for (let i = 0; i < nrPages; i++) copyPageContent(world, pfnOffset + index + i, head + i);
  filemapRemoveFolio(world, file, head);
}

/**
 * Frees the page tables over the block wherever they hold nothing but what was just unmapped, so
 * that the next fault can map it by a leaf. Private copies and markers keep a table.
 * @kernel mm/khugepaged.c retract_page_tables (v7.2)
 */
function retractPageTables(world: World, file: AddressSpace, first: number): void {
  for (const vma of file.iMmap.slice()) {
    if (vma.anonVma !== null || userfaultfdWp(vma)) continue;
    const block = vma.pageAt(first);
    const table = vma.vmMm.pageTable;
    const isWhole = block >= vma.vmStart && block + world.blockPages <= vma.vmEnd;
    if (!isWhole || table.indexInBlock(block) !== 0) continue;
    if (leafKind(table.slotBits(block)) !== LEAF_TABLE) continue;
    const end = block + world.blockPages;
    withInvalidation(world, vma.vmMm, MMU_NOTIFY_CLEAR, block, end, () => {
      if (world.tables.isEmpty(table.leafTable(block))) table.freeLeafTable(block);
    });
  }
}
