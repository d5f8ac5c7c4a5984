// Removing the mappings of a folio so that it can be reclaimed: swap entries for anonymous pages,
// nothing for file pages, and nothing at all for pages that MADV_FREE gave up. Mirrors
// try_to_unmap_one of mm/rmap.c; hwpoison, hugetlb and batched flushes are left out.
import {
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_DIRTY,
  FRAME_SWAPBACKED,
  LEAF_DIRTY,
  LEAF_EXCLUSIVE,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_UFFD_WP,
  leafKind,
  MARKER_UFFD_WP,
  MMU_NOTIFY_CLEAR,
  VM_LOCKED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMapcount, folioNrPages } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import {
  folioRemoveRmapPmd,
  folioRemoveRmapPte,
  folioTryShareAnonRmapPte,
} from "../rmap/add-remove.ts";
import { type FolioMapping, forEachMapping, MAPPING_KINDS, rmapWalk } from "../rmap/walk.ts";
import { splitHugePmdIfNeeded } from "../thp/split-pmd.ts";
import { swapDevice } from "./swap-cache.ts";

/**
 * Unmaps a folio everywhere. Each visited VMA gets a CLEAR event over the folio's range in it; the
 * walk ends with the last mapping, or at the first VMA that must keep its own. A folio in the swap
 * cache leaves swap entries. A clean lazily freeable folio leaves nothing; a dirty one stays and
 * counts as ordinary memory again.
 * @returns true when nothing maps the folio any more.
 * @kernel mm/rmap.c try_to_unmap (v7.2)
 */
export function tryToUnmap(world: World, head: number): boolean {
  const nrPages = folioNrPages(world, head);
  rmapWalk(world, head, (vma, pageOfHead) => {
    const start = Math.max(vma.vmStart, pageOfHead);
    const end = Math.min(vma.vmEnd, pageOfHead + nrPages);
    const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, start, end);
    const isDone = tryToUnmapOne(world, vma, head, nrPages, pageOfHead);
    mmuNotifierInvalidateRangeEnd(range);
    return isDone && folioMapcount(world, head) > 0;
  });
  return folioMapcount(world, head) === 0;
}

/**
 * @returns false when the VMA keeps a mapping and the walk is to stop.
 * @kernel mm/rmap.c try_to_unmap_one (v7.2)
 */
function tryToUnmapOne(
  world: World,
  vma: VmAreaStruct,
  head: number,
  nrPages: number,
  pageOfHead: number,
): boolean {
  if (isLazyFree(world, head)) {
    if (!mayDiscard(world, vma, head, nrPages, pageOfHead)) return false;
  } else {
    // Another folio may be at this place: the VMA is visited for its anon_vma's sake alone.
    const start = Math.max(vma.vmStart, pageOfHead);
    const isLeafOfFolio = vma.vmMm.pageTable.slotVal(start) === head;
    if (isLeafOfFolio) splitHugePmdIfNeeded(world, vma, start, false);
  }
  let isRefused = false;
  forEachMapping(vma, head, nrPages, pageOfHead, MAPPING_KINDS, (mapping) => {
    if (!isRefused) isRefused = !unmapLeaf(world, vma, head, mapping);
  });
  return !isRefused;
}

/** True for anonymous memory that MADV_FREE gave up and nobody wrote to since, as far as known. */
function isLazyFree(world: World, head: number): boolean {
  return (world.frames.flags(head) & (FRAME_ANON | FRAME_SWAPBACKED)) === FRAME_ANON;
}

/** Takes one leaf away; false when it stays as it was. */
function unmapLeaf(world: World, vma: VmAreaStruct, head: number, mapping: FolioMapping): boolean {
  const { frames } = world;
  if ((vma.vmFlags & VM_LOCKED) !== 0) return false;
  if ((mapping.bits & LEAF_DIRTY) !== 0) frames.addFlags(head, FRAME_DIRTY);
  if ((frames.flags(head) & FRAME_ANON) === 0) {
    clearFileLeaf(vma, mapping);
  } else if (isLazyFree(world, head)) {
    clearLeaf(vma, mapping, LEAF_NONE, 0);
  } else if (!replaceBySwapEntry(world, vma, mapping)) {
    return false;
  }
  const order = mapping.isPmd ? world.geometry.pmdOrder : 0;
  world.effort.add(EFFORT_PTE_SET, 1, order);
  world.effort.add(EFFORT_TLB_FLUSH, 1, order, vma.vmMm.cpumask);
  if (mapping.isPmd) folioRemoveRmapPmd(world, head, vma.vmMm);
  else folioRemoveRmapPte(world, mapping.pfn, vma.vmMm);
  return true;
}

/**
 * A folio written since MADV_FREE becomes ordinary memory again; a referenced one has to wait. All
 * leaves of the VMA are asked before the first one goes.
 */
function mayDiscard(
  world: World,
  vma: VmAreaStruct,
  head: number,
  nrPages: number,
  pageOfHead: number,
): boolean {
  const { frames } = world;
  forEachMapping(vma, head, nrPages, pageOfHead, MAPPING_KINDS, ({ bits }) => {
    if ((bits & LEAF_DIRTY) !== 0) frames.addFlags(head, FRAME_DIRTY);
  });
  if ((frames.flags(head) & FRAME_DIRTY) !== 0) {
    frames.addFlags(head, FRAME_SWAPBACKED);
    return false;
  }
  return frames.extraRefs(head) === 0;
}

/** The write-protection that userfaultfd asked for outlives the mapping of a file page. */
function clearFileLeaf(vma: VmAreaStruct, mapping: FolioMapping): void {
  const keepsMarker = !mapping.isPmd && (mapping.bits & LEAF_UFFD_WP) !== 0;
  if (keepsMarker) clearLeaf(vma, mapping, LEAF_MARKER, MARKER_UFFD_WP);
  else clearLeaf(vma, mapping, LEAF_NONE, 0);
}

function clearLeaf(vma: VmAreaStruct, mapping: FolioMapping, bits: number, val: number): void {
  const table = vma.vmMm.pageTable;
  if (mapping.isPmd) table.setSlot(mapping.page, bits, val);
  else table.set(mapping.page, bits, val);
}

/** False when the page is AnonExclusive and may be pinned. */
function replaceBySwapEntry(world: World, vma: VmAreaStruct, mapping: FolioMapping): boolean {
  const { frames } = world;
  const { page, pfn, bits } = mapping;
  const swap = swapDevice(world);
  const wasExclusive = (frames.flags(pfn) & FRAME_ANON_EXCLUSIVE) !== 0;
  if (wasExclusive && !folioTryShareAnonRmapPte(world, pfn)) return false;
  const slot = swap.slotOfPfn.get(pfn) as number;
  swap.addCount(slot, 1);
  const carried = leafKind(bits) === LEAF_PRESENT ? bits & LEAF_UFFD_WP : 0;
  const entry = LEAF_SWAP | carried | (wasExclusive ? LEAF_EXCLUSIVE : 0);
  vma.vmMm.pageTable.set(page, entry, slot);
  return true;
}
