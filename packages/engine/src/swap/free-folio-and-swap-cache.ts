// Letting go of a page whose mapping is gone. Mirrors mm/swap_state.c free_folio_and_swap_cache.
import { FRAME_SWAPCACHE, type World } from "@faultline/core";
import { folioPut, folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { folioMapcount } from "../folio/folio-count.ts";
import { folioFreeSwap } from "./swap-cache.ts";

/**
 * Frees the folio when its last mapping is gone. A swap-cache entry that nothing else needs goes
 * first; without that, a page whose other sharers left would stay cached for good.
 * @kernel mm/swap_state.c free_folio_and_swap_cache (v7.2)
 */
export function freeFolioAndSwapCache(world: World, head: number): void {
  const isCached = (world.frames.flags(head) & FRAME_SWAPCACHE) !== 0;
  if (!isCached || folioMapcount(world, head) > 0) {
    folioReleaseIfUnused(world, head);
    return;
  }
  world.frames.addExtraRefs(head, 1);
  folioFreeSwap(world, head);
  folioPut(world, head);
}
