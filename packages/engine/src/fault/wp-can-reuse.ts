// Whether a shared-looking anonymous page has in truth one user left. Mirrors mm/memory.c.
import {
  FRAME_CHUNK_SIZE,
  FRAME_KSM,
  FRAME_ORDER_MASK,
  FRAME_SWAPCACHE,
  invariant,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMapcount, folioMaybeMappedShared, folioRefCount } from "../folio/folio-count.ts";
import { folioFreeSwap } from "../swap/swap-cache.ts";

/**
 * True when the mm is the only user of the page's folio, which then belongs to the VMA's own
 * anon_vma. Drops a swap-cache entry that nobody needs.
 * @kernel mm/memory.c wp_can_reuse_anon_folio (v7.2)
 */
export function wpCanReuseAnonFolio(
  world: World,
  vma: VmAreaStruct,
  pfn: number,
  flags: number,
): boolean {
  if ((flags & FRAME_ORDER_MASK) !== 0) return wpCanReuseLargeAnonFolio(world, pfn);
  if ((flags & FRAME_KSM) !== 0) return false;
  // Overflowing counts are stored as large numbers, so the columns can be compared directly.
  const chunk = world.frames.chunkOf(pfn);
  const i = pfn & (FRAME_CHUNK_SIZE - 1);
  const refs = (chunk.mapcount[i] as number) + (chunk.extraRefs[i] as number);
  if (refs !== 1) {
    const isCached = (flags & FRAME_SWAPCACHE) !== 0;
    if (!isCached || refs !== 2 || !folioFreeSwap(world, pfn)) return false;
  }
  folioMoveAnonRmap(world, pfn, vma);
  return true;
}

/**
 * A large folio is reused when more than one of its pages is still mapped, all of them by this mm.
 * With one page left a copy is better: it lets the large folio go.
 * @kernel mm/memory.c __wp_can_reuse_large_anon_folio (v7.2)
 */
function wpCanReuseLargeAnonFolio(world: World, pfn: number): boolean {
  const head = world.frames.head(pfn);
  const mapcount = folioMapcount(world, head);
  if (mapcount <= 1 || folioMaybeMappedShared(world, head)) return false;
  const isCached = (world.frames.flags(head) & FRAME_SWAPCACHE) !== 0;
  if (isCached && !folioFreeSwap(world, head)) return false;
  // The reverse mapping stays: other VMAs of the mm may map parts of the folio.
  return folioRefCount(world, head) === mapcount;
}

/**
 * Points the reverse mapping of a folio that one VMA owns at that VMA's own anon_vma.
 * @kernel mm/rmap.c folio_move_anon_rmap (v7.2)
 */
export function folioMoveAnonRmap(world: World, head: number, vma: VmAreaStruct): void {
  const { anonVma } = vma;
  if (anonVma === null) invariant(false, "anonymous folio in a VMA without anon_vma");
  const { frames } = world;
  if (frames.rmapOwner(head) !== anonVma.id) {
    frames.setRmap(head, anonVma.id, frames.rmapIndex(head));
  }
}
