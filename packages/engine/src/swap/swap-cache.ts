// The swap cache: pages that are in memory and have a swap slot at the same time, and the life of
// the slots. Mirrors mm/swap_state.c and mm/swapfile.c for a synchronous device such as zram; swap
// clusters, readahead and the writeback of cached pages are left out.
import {
  FRAME_DIRTY,
  FRAME_SWAPCACHE,
  invariant,
  type SwapDevice,
  type World,
} from "@faultline/core";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { folioMapcount, folioNrPages } from "../folio/folio-count.ts";

/** The device of a world that has met a swap entry. */
export function swapDevice(world: World): SwapDevice {
  const { swap } = world;
  if (swap === null) invariant(false, "swap entry without a swap device");
  return swap;
}

/**
 * Puts a small folio into the swap cache of a slot; the cache holds one reference.
 * @kernel mm/swap_state.c swap_cache_add_folio (v7.2)
 */
export function swapCacheAddFolio(world: World, slot: number, head: number): void {
  swapDevice(world).cache(slot, head);
  world.frames.addFlags(head, FRAME_SWAPCACHE);
  world.frames.addExtraRefs(head, 1);
}

/**
 * Gives every page of a folio a slot and puts the folio into the swap cache.
 * @returns false when the device has too few free slots; nothing changed then.
 * @kernel mm/swapfile.c folio_alloc_swap (v7.2)
 * @differs slots of a large folio need not be neighbours, so a fragmented device still takes it.
 */
export function folioAllocSwap(world: World, head: number): boolean {
  const { swap } = world;
  const nrPages = folioNrPages(world, head);
  if (swap === null || swap.nrFree < nrPages) return false;
  for (let i = 0; i < nrPages; i++) {
    const slot = swap.alloc();
    invariant(slot !== 0, "the swap device has fewer free slots than it says");
    swap.cache(slot, head + i);
  }
  // The page has no copy on the device yet, so it must not be dropped as clean.
  world.frames.addFlags(head, FRAME_SWAPCACHE | FRAME_DIRTY);
  world.frames.addExtraRefs(head, nrPages);
  return true;
}

/** True when some page-table entry or page cache still names a slot of the cached folio. */
export function folioSwapped(world: World, head: number): boolean {
  const swap = swapDevice(world);
  const nrPages = folioNrPages(world, head);
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    const slot = swap.slotOfPfn.get(pfn);
    if (slot !== undefined && (swap.count[slot] as number) > 0) return true;
  }
  return false;
}

/**
 * Takes a folio out of the swap cache; slots that no entry names become free. The folio itself is
 * left alone even when nothing else uses it.
 * @kernel mm/swap_state.c swap_cache_del_folio (v7.2)
 */
export function swapCacheDelFolio(world: World, head: number): void {
  const swap = swapDevice(world);
  const nrPages = folioNrPages(world, head);
  for (let pfn = head; pfn < head + nrPages; pfn++) swap.uncache(pfn);
  world.frames.clearFlags(head, FRAME_SWAPCACHE);
  world.frames.addExtraRefs(head, -nrPages);
}

/**
 * Drops a swap-cache entry that no page-table entry uses any more. The caller holds the folio by a
 * mapping or a reference, or releases it afterwards.
 * @returns false when the folio is not cached or its slot is still in use.
 * @kernel mm/swapfile.c folio_free_swap (v7.2)
 */
export function folioFreeSwap(world: World, head: number): boolean {
  if ((world.frames.flags(head) & FRAME_SWAPCACHE) === 0) return false;
  if (folioSwapped(world, head)) return false;
  swapCacheDelFolio(world, head);
  world.frames.addFlags(head, FRAME_DIRTY);
  return true;
}

/**
 * Moves the swap-cache entries of a folio to its copy. References are the migration's business.
 * @kernel mm/swap_state.c __swap_cache_replace_folio (v7.2)
 */
export function swapCacheReplaceFolio(world: World, srcHead: number, dstHead: number): void {
  const swap = swapDevice(world);
  const nrPages = folioNrPages(world, srcHead);
  for (let i = 0; i < nrPages; i++) {
    const slot = swap.slotOfPfn.get(srcHead + i);
    if (slot === undefined) continue;
    swap.slotOfPfn.delete(srcHead + i);
    swap.cache(slot, dstHead + i);
  }
  world.frames.clearFlags(srcHead, FRAME_SWAPCACHE);
  world.frames.addFlags(dstHead, FRAME_SWAPCACHE);
}

/**
 * One more entry names the slot.
 * @kernelpart mm/swapfile.c swap_dup_entry_direct (v7.2) one reference, without the cluster's lock
 * and extension tables
 */
export function swapDup(world: World, slot: number): void {
  swapDevice(world).addCount(slot, 1);
}

/**
 * `count` fewer entries name the slot. A cached page keeps the slot busy: see folioFreeSwap for a
 * page that is being mapped and freeSwapAndCache for an entry that is thrown away.
 * @kernelpart mm/swapfile.c swap_put_entries_cluster (v7.2) a count of references; clusters are not
 * modelled
 */
export function swapFree(world: World, slot: number, count: number): void {
  swapDevice(world).addCount(slot, -count);
}

/**
 * Throws an entry away, as munmap and MADV_FREE do. A cached page that nobody maps and no other
 * entry names goes with it.
 * @kernelpart mm/swapfile.c swap_put_entries_direct (v7.2) one entry at a time
 */
export function freeSwapAndCache(world: World, slot: number): void {
  const swap = swapDevice(world);
  swap.addCount(slot, -1);
  const pfn = swap.cachedPfn[slot] as number;
  if (pfn === 0) return;
  const head = world.frames.head(pfn);
  if (folioMapcount(world, head) > 0) return;
  folioGet(world, head);
  folioFreeSwap(world, head);
  folioPut(world, head);
}
