// Moving a folio's identity to its new place. Mirrors mm/migrate.c folio_migrate_mapping and
// folio_migrate_flags. Content is copied by whoever owns the copy engine.
import {
  EAGAIN,
  EBUSY,
  FRAME_ANON,
  FRAME_DIRTY,
  FRAME_KSM,
  FRAME_MLOCKED,
  FRAME_REFERENCED,
  FRAME_SWAPBACKED,
  FRAME_SWAPCACHE,
  LEAF_PRESENT,
  type World,
} from "@faultline/core";
import { folioIsAnon, folioNrPages, largeRecord } from "../folio/folio-count.ts";
import { folioFreeSwap, swapCacheReplaceFolio } from "../swap/swap-cache.ts";

const MOVED_FLAGS =
  FRAME_ANON | FRAME_SWAPBACKED | FRAME_DIRTY | FRAME_REFERENCED | FRAME_MLOCKED | FRAME_KSM;

/**
 * Makes `dst` the folio that `src` was: reverse mapping, flags, page cache or swap cache entry.
 * `src` is unmapped, and the caller holds `callerRefs` references to it.
 * @returns 0; -EAGAIN when somebody else references `src`; -EBUSY for page-cache or shared
 * swap-cache folios that cannot live in device memory.
 * @kernel mm/migrate.c folio_migrate_mapping (v7.2)
 */
export function folioMigrateMapping(
  world: World,
  dst: number,
  src: number,
  callerRefs: number,
): number {
  const { frames } = world;
  const isAnon = folioIsAnon(world, src);
  if (frames.pgmapOf(dst) !== null) {
    if (!isAnon && frames.rmapOwner(src) !== 0) return -EBUSY;
    const isInSwapCache = (frames.flags(src) & FRAME_SWAPCACHE) !== 0;
    if (isInSwapCache && !folioFreeSwap(world, src)) return -EBUSY;
  }
  const nrPages = folioNrPages(world, src);
  const isSwapCache = (frames.flags(src) & FRAME_SWAPCACHE) !== 0;
  const isFile = !isAnon && frames.rmapOwner(src) !== 0;
  const cacheRefs = isSwapCache || isFile ? nrPages : 0;
  if (frames.extraRefs(src) !== cacheRefs + callerRefs) return -EAGAIN;
  if (isSwapCache) swapCacheReplaceFolio(world, src, dst);
  if (isFile) movePageCache(world, dst, src, nrPages);
  if (cacheRefs > 0) {
    frames.addExtraRefs(src, -cacheRefs);
    frames.addExtraRefs(dst, cacheRefs);
  }
  moveIdentity(world, dst, src);
  return 0;
}

/** @kernel mm/migrate.c folio_migrate_flags (v7.2) */
function moveIdentity(world: World, dst: number, src: number): void {
  const { frames } = world;
  const flags = frames.flags(src);
  frames.addFlags(dst, flags & MOVED_FLAGS);
  frames.setRmap(dst, frames.rmapOwner(src), frames.rmapIndex(src));
  if ((flags & FRAME_KSM) !== 0) {
    const node = world.rmapTarget(frames.rmapOwner(src));
    if (node?.kind === "ksm") node.pfn = dst;
  }
  const dstRecord = largeRecord(world, dst);
  const srcRecord = largeRecord(world, src);
  if (dstRecord !== 0 && srcRecord !== 0 && frames.pgmapOf(dst) === null) {
    world.largeFolios.partiallyMapped[dstRecord] = world.largeFolios.partiallyMapped[
      srcRecord
    ] as number;
  }
  frames.clearFlags(src, MOVED_FLAGS);
  frames.setRmap(src, 0, 0);
  const cpupid = world.lastCpupid.get(src);
  if (cpupid !== undefined) {
    world.lastCpupid.delete(src);
    world.lastCpupid.set(dst, cpupid);
  }
  if (world.activeFolios.delete(src)) world.activeFolios.add(dst);
}

function movePageCache(world: World, dst: number, src: number, nrPages: number): void {
  const file = world.rmapTarget(world.frames.rmapOwner(src));
  if (file === null || file.kind === "ksm" || file.kind === "anon_vma") return;
  const index = world.frames.rmapIndex(src);
  for (let i = 0; i < nrPages; i++) file.pages.set(index + i, LEAF_PRESENT, dst + i);
}
