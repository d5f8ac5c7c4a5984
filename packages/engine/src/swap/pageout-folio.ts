// Reclaiming one folio on request. Mirrors shrink_folio_list of mm/vmscan.c as MADV_PAGEOUT uses
// it: references are ignored, the device is synchronous, so a folio is either gone or kept.
import {
  EFFORT_PLACE_SWAP,
  EFFORT_SWAP_IO,
  FRAME_ANON,
  FRAME_DIRTY,
  FRAME_SWAPBACKED,
  FRAME_SWAPCACHE,
  type World,
} from "@faultline/core";
import { filemapRemoveFolio } from "../file/filemap.ts";
import { freeFolio } from "../folio/folio-alloc.ts";
import { folioMapcount, folioNrPages, folioRefCount, largeRecord } from "../folio/folio-count.ts";
import { placeOf } from "../folio/place.ts";
import { splitFolio } from "../thp/split-folio.ts";
import { countSwapOut } from "./count-swap.ts";
import { shmemWriteout } from "./shmem-swap.ts";
import { folioAllocSwap, swapCacheDelFolio, swapDevice } from "./swap-cache.ts";
import { tryToUnmap } from "./try-to-unmap.ts";

/**
 * Pages a folio out: anonymous and shmem pages to swap, those lazily freed or never written to
 * nowhere. A large folio that is mapped in part is split first and each piece goes its own way.
 * @returns true when the folio is gone.
 * @kernelpart mm/vmscan.c shrink_folio_list (v7.2) one folio; there is no list to shrink
 */
export function pageoutFolio(world: World, head: number): boolean {
  const { frames } = world;
  const flags = frames.flags(head);
  const isAnon = (flags & FRAME_ANON) !== 0;
  if (isAnon && (flags & FRAME_SWAPBACKED) !== 0 && (flags & FRAME_SWAPCACHE) === 0) {
    if (frames.pinCount(head) > 0) return false;
    const record = largeRecord(world, head);
    if (record !== 0) {
      if (frames.extraRefs(head) > 0) return false;
      if (world.largeFolios.partiallyMapped[record] === 1) return pageoutPieces(world, head);
    }
    if (!folioAllocSwap(world, head)) return record !== 0 && pageoutPieces(world, head);
  }
  if (folioMapcount(world, head) > 0 && !tryToUnmap(world, head)) return false;
  if (frames.pinCount(head) > 0) return false;
  if (isAnon) return dropAnonFolio(world, head);
  const isDirty = (frames.flags(head) & FRAME_DIRTY) !== 0;
  return isDirty ? shmemWriteout(world, head) : dropCleanFolio(world, head);
}

/** A page of a file that was never written reads as zeros without its page as well. */
function dropCleanFolio(world: World, head: number): boolean {
  const { frames } = world;
  const file = world.rmapTarget(frames.rmapOwner(head));
  if (file === null || !("pages" in file) || !file.isSwapBacked) return false;
  const nrPages = folioNrPages(world, head);
  if (frames.extraRefs(head) !== nrPages) return false;
  world.recorder?.note("pageout-clean", 0, head, nrPages);
  filemapRemoveFolio(world, file, head);
  return true;
}

/** Splits a folio that cannot go whole and pages its pieces out one by one. */
function pageoutPieces(world: World, head: number): boolean {
  const nrPages = folioNrPages(world, head);
  if (splitFolio(world, head) !== 0) return false;
  let isGone = true;
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    // The split freed the pages that nothing maps.
    if (folioRefCount(world, pfn) > 0 && !pageoutFolio(world, pfn)) isGone = false;
  }
  return isGone;
}

/** Writes an unmapped anonymous folio to its slots and frees it, unless somebody references it. */
function dropAnonFolio(world: World, head: number): boolean {
  const { frames } = world;
  const nrPages = folioNrPages(world, head);
  const isCached = (frames.flags(head) & FRAME_SWAPCACHE) !== 0;
  if (frames.extraRefs(head) !== (isCached ? nrPages : 0)) return false;
  if (isCached) {
    writeToSwap(world, head, nrPages);
    swapCacheDelFolio(world, head);
  }
  world.recorder?.note(isCached ? "pageout-swap" : "pageout-lazyfree", 0, head, nrPages);
  freeFolio(world, head);
  return true;
}

/** @kernel mm/page_io.c swap_writeout (v7.2) */
function writeToSwap(world: World, head: number, nrPages: number): void {
  const { frames } = world;
  if ((frames.flags(head) & FRAME_DIRTY) === 0) return;
  const swap = swapDevice(world);
  const slots: number[] = [];
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    const slot = swap.slotOfPfn.get(pfn) as number;
    swap.content[slot] = frames.content(pfn);
    slots.push(slot);
  }
  countSwapOut(world, head, slots);
  frames.clearFlags(head, FRAME_DIRTY);
  world.effort.add(EFFORT_SWAP_IO, nrPages, 0, placeOf(world, head), EFFORT_PLACE_SWAP);
}
