// Replacing one page's mapping by a mapping of a merged page, in one mm. Mirrors mm/ksm.c
// try_to_merge_one_page and what it calls.
import {
  EFAULT,
  EFFORT_PAGE_COMPARE,
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_DIRTY,
  FRAME_KSM,
  FRAME_LOCKED,
  FRAME_SWAPCACHE,
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  MMU_NOTIFY_CLEAR,
  VM_MERGEABLE,
  type MmStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { folioMapcount } from "../folio/folio-count.ts";
import { folioMarkAccessed } from "../folio/mark-accessed.ts";
import { withInvalidation } from "../notify.ts";
import {
  folioAddAnonRmapPte,
  folioRemoveRmapPte,
  folioTryShareAnonRmapPte,
} from "../rmap/add-remove.ts";
import { munlockVmaFolio } from "../rmap/mlock-folio.ts";
import { folioFreeSwap } from "../swap/swap-cache.ts";
import { splitFolio } from "../thp/split-folio.ts";
import { mlockBatchAdd } from "./mlock-batch.ts";

/** No merged page yet: the page at hand becomes one. */
export const BECOME_KSM = -1;

/**
 * The VMA of a page when ksmd may work on it.
 * @kernel mm/ksm.c find_mergeable_vma (v7.2)
 */
export function findMergeableVma(mm: MmStruct, page: number): VmAreaStruct | null {
  if (!mm.isAlive) return null;
  const vma = mm.vmaAt(page);
  if (vma === null || !vma.has(VM_MERGEABLE) || vma.anonVma === null) return null;
  return vma;
}

/** True when the PTE of the page maps the frame. */
function isMappedAt(mm: MmStruct, page: number, pfn: number): boolean {
  const table = mm.pageTable;
  return leafKind(table.bits(page)) === LEAF_PRESENT && table.val(page) === pfn;
}

/**
 * Merges one page of a VMA into `kpfn`: a merged page, the shared zero page, or BECOME_KSM.
 * @returns 0, or -EFAULT when the page cannot be merged now. A large folio may have been split and
 * the page may have become read-only all the same.
 * @kernel mm/ksm.c try_to_merge_one_page (v7.2)
 */
export function tryToMergeOnePage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  kpfn: number,
): number {
  if (pfn === kpfn) return 0;
  const { frames } = world;
  if ((frames.flags(frames.head(pfn)) & FRAME_LOCKED) !== 0) return -EFAULT;
  if (frames.order(pfn) > 0 && splitFolio(world, frames.head(pfn)) !== 0) return -EFAULT;
  if (!writeProtectPage(world, vma, page, pfn)) return -EFAULT;
  if (kpfn === BECOME_KSM) {
    becomeKsmPage(world, pfn);
    return 0;
  }
  world.effort.add(EFFORT_PAGE_COMPARE, 1);
  if (frames.content(pfn) !== frames.content(kpfn)) return -EFAULT;
  replacePage(world, vma, page, pfn, kpfn);
  return 0;
}

/**
 * Takes the write right and exclusivity from a page that nobody else holds. A page that is
 * read-only, clean and not exclusive is taken as it is: nobody can be writing to it. A merged page
 * is refused, because it has no anon_vma that could place it in the VMA; one that a failed pairing
 * left without a stable node therefore stays as it is in the other processes that share it.
 * @kernel mm/ksm.c write_protect_page (v7.2)
 */
function writeProtectPage(world: World, vma: VmAreaStruct, page: number, pfn: number): boolean {
  const { frames } = world;
  if ((frames.flags(pfn) & FRAME_KSM) !== 0) return false;
  const mm = vma.vmMm;
  let isProtected = false;
  withInvalidation(world, mm, MMU_NOTIFY_CLEAR, page, page + 1, () => {
    if (!isMappedAt(mm, page, pfn)) return;
    const bits = mm.pageTable.bits(page);
    const isExclusive = frames.isAnonExclusive(pfn);
    isProtected = true;
    if ((bits & (LEAF_WRITE | LEAF_DIRTY)) === 0 && !isExclusive) return;
    const cacheRefs = (frames.flags(pfn) & FRAME_SWAPCACHE) !== 0 ? 1 : 0;
    const isHeld = frames.extraRefs(pfn) !== cacheRefs;
    if (isHeld || (isExclusive && !folioTryShareAnonRmapPte(world, pfn))) {
      isProtected = false;
      return;
    }
    if ((bits & LEAF_DIRTY) !== 0) frames.addFlags(pfn, FRAME_DIRTY);
    mm.pageTable.set(page, bits & ~(LEAF_WRITE | LEAF_DIRTY), pfn);
    world.effort.add(EFFORT_PTE_SET, 1);
    world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
  });
  return isProtected;
}

/** The page stays where it is and counts as merged; its stable node follows. */
function becomeKsmPage(world: World, pfn: number): void {
  const { frames } = world;
  frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  frames.addFlags(pfn, FRAME_KSM | FRAME_DIRTY);
  frames.setRmap(pfn, 0, frames.rmapIndex(pfn));
  folioMarkAccessed(world, pfn);
}

/**
 * Lets the page's PTE map the merged page, read-only. The zero page is marked dirty, which tells it
 * from one that a read fault installed.
 * @kernel mm/ksm.c replace_page (v7.2)
 */
function replacePage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  kpfn: number,
): void {
  const { frames } = world;
  const mm = vma.vmMm;
  withInvalidation(world, mm, MMU_NOTIFY_CLEAR, page, page + 1, () => {
    const isZero = kpfn === world.zeroPfn;
    if (!isZero) folioAddAnonRmapPte(world, kpfn, vma, page, false);
    mm.pageTable.set(page, LEAF_PRESENT | LEAF_YOUNG | (isZero ? LEAF_DIRTY : 0), kpfn);
    world.effort.add(EFFORT_PTE_SET, 1);
    world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
    // Held to the end: the batch may drop its own reference at once.
    folioGet(world, pfn);
    folioRemoveRmapPte(world, pfn, mm);
    munlockVmaFolio(world, vma, pfn);
    mlockBatchAdd(world, vma, pfn);
    const isCached = (frames.flags(pfn) & FRAME_SWAPCACHE) !== 0;
    if (isCached && folioMapcount(world, pfn) === 0) folioFreeSwap(world, pfn);
    folioPut(world, pfn);
  });
}

/** True for a zero-page entry that ksmd installed. */
export function isKsmZeroLeaf(world: World, bits: number, pfn: number): boolean {
  return leafKind(bits) === LEAF_PRESENT && (bits & LEAF_DIRTY) !== 0 && pfn === world.zeroPfn;
}

/** True for a frame that ksmd may merge: anonymous system memory. */
export function isMergeableFrame(world: World, pfn: number): boolean {
  const { frames } = world;
  if (pfn === world.zeroPfn || frames.pgmapOf(pfn) !== null) return false;
  return (frames.flags(frames.head(pfn)) & FRAME_ANON) !== 0;
}
