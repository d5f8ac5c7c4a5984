// Which folios reclaim and migration can take off the LRU lists. Mirrors mm/vmscan.c and
// mm/internal.h. The lists are left out: every ordinary page counts as being on one, because the
// kernel drains its per-CPU batches before it isolates pages on request.
import { FRAME_MLOCKED, type World } from "@faultline/core";
import { folioIsAnon, isZoneDevicePfn, largeRecord } from "../folio/folio-count.ts";

/** True for memory that LRU lists manage: not device memory, hugetlb or a driver's own pages. */
export function folioTestLru(world: World, head: number): boolean {
  if (isZoneDevicePfn(world, head)) return false;
  const record = largeRecord(world, head);
  if (record !== 0 && world.largeFolios.hugetlb[record] === 1) return false;
  if (folioIsAnon(world, head)) return true;
  const file = world.rmapTarget(world.frames.rmapOwner(head));
  return file !== null && "pages" in file && file.kind !== "device" && file.kind !== "hugetlb";
}

/**
 * True for a folio that reclaim may consider: not locked in memory, not of a file that lives in
 * memory alone.
 * @kernel mm/internal.h folio_evictable (v7.2)
 */
export function folioEvictable(world: World, head: number): boolean {
  if ((world.frames.flags(head) & FRAME_MLOCKED) !== 0) return false;
  const file = world.rmapTarget(world.frames.rmapOwner(head));
  return file === null || !("pages" in file) || file.kind !== "ramfs";
}
