// Turning a table of small pages into one huge leaf: bring in what is missing, shut everybody out,
// check again, copy, install. Mirrors mm/khugepaged.c collapse_huge_page.
import {
  EFFORT_PAGE_ZERO,
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_MLOCKED,
  FRAME_SWAPCACHE,
  invariant,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  type MmStruct,
  MMU_NOTIFY_CLEAR,
  VM_LOCKED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { VM_FAULT_ERROR, VM_FAULT_RETRY, VM_FAULT_WAIT } from "../fault/fault-flags.ts";
import { doSwapPage } from "../fault/swap-page.ts";
import { copyPageContent, folioReleaseIfUnused, freeFolio } from "../folio/folio-alloc.ts";
import { folioMapcount } from "../folio/folio-count.ts";
import { mmapReadLock, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { folioAddNewAnonRmap, folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { folioFreeSwap } from "../swap/swap-cache.ts";
import type { Verb } from "../verb.ts";
import { allocCollapseFolio, type CollapseControl } from "./collapse-control.ts";
import { findPmdOrThpOrNone, hugepageVmaRevalidate } from "./collapse-vma.ts";
import { isEmptyLeaf, collapseHugePageIsolate } from "./scan-block.ts";
import type { ScanResult } from "./scan-result.ts";

/** One pass over the missing entries of a block ended; `isWaiting` asks for another one. */
interface SwapinPass {
  readonly result: ScanResult;
  readonly isWaiting: boolean;
}

/**
 * Collapses one block that the first scan found worthwhile. The caller does not hold mmap_lock. A
 * failure after missing pages were brought in leaves them in system memory.
 * @kernel mm/khugepaged.c collapse_huge_page (v7.2)
 */
export function* collapseHugePage(
  world: World,
  mm: MmStruct,
  block: number,
  hasNonPresent: boolean,
  cc: CollapseControl,
): Verb<ScanResult> {
  const huge = allocCollapseFolio(world, cc);
  if (huge === 0) return "SCAN_ALLOC_HUGE_PAGE_FAIL";
  let result: ScanResult = "SCAN_SUCCEED";
  if (hasNonPresent) result = yield* bringIn(world, mm, block, cc);
  if (result === "SCAN_SUCCEED") result = yield* replaceTable(world, mm, block, huge, cc);
  if (result !== "SCAN_SUCCEED") freeFolio(world, huge);
  return result;
}

/** Faults in every missing entry as a read would, under mmap_lock held for reading. */
function* bringIn(
  world: World,
  mm: MmStruct,
  block: number,
  cc: CollapseControl,
): Verb<ScanResult> {
  yield* mmapReadLock(world, mm);
  for (;;) {
    const { result, vma } = hugepageVmaRevalidate(world, mm, block, cc);
    if (vma === null) {
      mmapReadUnlock(mm);
      return result;
    }
    const pass = swapinBlock(world, vma, block, cc);
    if (!pass.isWaiting) {
      mmapReadUnlock(mm);
      return pass.result;
    }
    const wait = world.pendingWait;
    if (wait === null) invariant(false, "a fault waits for nothing");
    world.pendingWait = null;
    yield wait;
  }
}

/** @kernel mm/khugepaged.c __collapse_huge_page_swapin (v7.2) */
function swapinBlock(
  world: World,
  vma: VmAreaStruct,
  block: number,
  cc: CollapseControl,
): SwapinPass {
  const table = vma.vmMm.pageTable;
  const slot = findPmdOrThpOrNone(vma.vmMm, block);
  if (slot !== "SCAN_SUCCEED") return { result: slot, isWaiting: false };
  for (let page = block; page < block + world.blockPages; page++) {
    const bits = table.bits(page);
    const kind = leafKind(bits);
    if (kind === LEAF_NONE || kind === LEAF_PRESENT) continue;
    const fault = doSwapPage(world, cc.task, vma, page, 0, bits);
    if ((fault & VM_FAULT_WAIT) !== 0) return { result: "SCAN_PAGE_LOCK", isWaiting: true };
    if ((fault & VM_FAULT_RETRY) !== 0) return { result: "SCAN_PAGE_LOCK", isWaiting: false };
    if ((fault & VM_FAULT_ERROR) !== 0) return { result: "SCAN_FAIL", isWaiting: false };
  }
  return { result: "SCAN_SUCCEED", isWaiting: false };
}

/** Copies and installs under mmap_lock held for writing. */
function* replaceTable(
  world: World,
  mm: MmStruct,
  block: number,
  huge: number,
  cc: CollapseControl,
): Verb<ScanResult> {
  yield* mmapWriteLock(world, mm);
  const { result: found, vma } = hugepageVmaRevalidate(world, mm, block, cc);
  const slot = vma === null ? found : findPmdOrThpOrNone(mm, block);
  if (vma === null || slot !== "SCAN_SUCCEED") {
    mmapWriteUnlock(mm);
    return slot;
  }
  const end = block + world.blockPages;
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, block, end);
  yield* settle(range);
  world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, mm.cpumask);
  mmuNotifierInvalidateRangeEnd(range);
  const result = collapseHugePageIsolate(world, vma, block, cc);
  if (result === "SCAN_SUCCEED") {
    copyBlock(world, vma, block, huge);
    installHuge(world, vma, block, huge);
  }
  mmapWriteUnlock(mm);
  return result;
}

/**
 * Copies every page and drops this mm's mappings of the sources; other mms keep theirs.
 * @kernel mm/khugepaged.c __collapse_huge_page_copy (v7.2)
 */
function copyBlock(world: World, vma: VmAreaStruct, block: number, huge: number): void {
  const { frames } = world;
  const mm = vma.vmMm;
  const table = mm.pageTable;
  let nrZeroed = 0;
  for (let i = 0; i < world.blockPages; i++) {
    const bits = table.bits(block + i);
    const pfn = table.val(block + i);
    if (isEmptyLeaf(world, bits, pfn)) {
      frames.setContent(huge + i, 0);
      nrZeroed++;
      continue;
    }
    copyPageContent(world, huge + i, pfn);
    const head = frames.head(pfn);
    folioRemoveRmapPte(world, pfn, mm);
    const isCached = (frames.flags(head) & FRAME_SWAPCACHE) !== 0;
    if (isCached && folioMapcount(world, head) === 0) folioFreeSwap(world, head);
    folioReleaseIfUnused(world, head);
  }
  if (nrZeroed > 0) world.effort.add(EFFORT_PAGE_ZERO, nrZeroed, 0, 0, frames.nodeOf(huge));
}

/** Puts the huge folio into the slot: exclusive, and writable when the VMA is. */
function installHuge(world: World, vma: VmAreaStruct, block: number, huge: number): void {
  const table = vma.vmMm.pageTable;
  table.freeLeafTable(block);
  folioAddNewAnonRmap(world, huge, vma, block);
  if ((vma.vmFlags & VM_LOCKED) !== 0) world.frames.addFlags(huge, FRAME_MLOCKED);
  const right = (vma.vmFlags & VM_WRITE) !== 0 ? LEAF_WRITE : 0;
  table.setSlot(block, LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | right, huge);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
}
