// Throwing pages out of the cache: truncation, hole punching, the end of a file.
// Mirrors mm/truncate.c and shmem_undo_range of mm/shmem.c.
import { type AddressSpace, LEAF_SWAP, leafKind, type World } from "@faultline/core";
import { folioMapcount, folioNrPages } from "../folio/folio-count.ts";
import { shmemFreeSwap } from "../swap/shmem-swap.ts";
import { walkCache } from "./cache-walk.ts";
import { filemapRemoveFolio } from "./filemap.ts";
import { splitFileFolio } from "./split-file-folio.ts";
import { unmapMappingFolio } from "./unmap-mapping.ts";

/** Behind every page that a file can have in its cache. */
export function cacheEnd(file: AddressSpace): number {
  const { blockPages } = file.pages;
  // A huge folio may reach beyond the end of the file.
  return Math.ceil(file.nrPages / blockPages) * blockPages;
}

/**
 * Drops the cached pages and swap slots of `[start, end)`. A large folio that reaches over either
 * end is split there first; when somebody's reference forbids that, its pages are only cleared.
 * @kernelpart mm/shmem.c shmem_undo_range (v7.2) for ramfs as well; both sides of a hole at once
 */
export function truncateInodePages(
  world: World,
  file: AddressSpace,
  start: number,
  end: number,
): void {
  walkCache(file, start, end, (index, bits, val) => {
    if (leafKind(bits) === LEAF_SWAP) {
      shmemFreeSwap(world, file, index);
      return index + 1;
    }
    const head = world.frames.head(val);
    const first = world.frames.rmapIndex(head);
    const next = first + folioNrPages(world, head);
    if (first < start || next > end) {
      if (splitPartialFolio(world, file, head, start, end)) return index;
      clearPages(world, val, Math.min(next, end) - index);
      return next;
    }
    // A fault may have mapped the page again since the mappings were removed.
    if (folioMapcount(world, head) > 0) unmapMappingFolio(world, file, head);
    filemapRemoveFolio(world, file, head);
    return next;
  });
}

/**
 * Splits a large folio of which only a part is in the range: where the range enters it, and where
 * the range leaves it.
 * @kernel mm/truncate.c truncate_inode_partial_folio (v7.2)
 */
function splitPartialFolio(
  world: World,
  file: AddressSpace,
  head: number,
  start: number,
  end: number,
): boolean {
  const first = world.frames.rmapIndex(head);
  const next = first + folioNrPages(world, head);
  if (!splitFileFolio(world, file, head + Math.max(start - first, 0))) return false;
  if (end < next) splitFileFolio(world, file, head + (end - first));
  return true;
}

function clearPages(world: World, pfn: number, nrPages: number): void {
  for (let i = 0; i < nrPages; i++) world.frames.setContent(pfn + i, 0);
}

/** Drops the whole cache of a file that nobody can reach any more. */
export function dropCache(world: World, file: AddressSpace): void {
  if (file.nrCached === 0 && !file.isSwapBacked) return;
  truncateInodePages(world, file, 0, cacheEnd(file));
}
