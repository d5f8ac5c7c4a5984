// Cutting a large folio into single pages. Mirrors mm/huge_memory.c __folio_split with order 0.
import {
  EFFORT_SPLIT,
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SIZE,
  FRAME_LOCKED,
  FRAME_ORDER_MASK,
  FRAME_SWAPCACHE,
  FRAME_TAIL,
  THP_SPLIT_PAGE,
  type World,
} from "@faultline/core";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import {
  folioIsAnon,
  folioMapcount,
  folioNrPages,
  isZoneDevicePfn,
  largeRecord,
} from "../folio/folio-count.ts";
import { EAGAIN, EBUSY, EINVAL } from "@faultline/core";
import { removeMigrationPtes } from "../rmap/remove-migration-ptes.ts";
import { tryToMigrate } from "../rmap/try-to-migrate.ts";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;

/** Who holds references while a folio is split. */
export interface SplitFolioOptions {
  /** Extra references that the caller holds and that must not stop the split. @defaultValue 0 */
  readonly callerRefs?: number;
  /** Page that keeps the caller's references afterwards. @defaultValue the head */
  readonly callerPage?: number;
}

/** References a folio has from being in the page cache or the swap cache. */
export function cacheRefs(world: World, head: number): number {
  const flags = world.frames.flags(head);
  const isFile = !folioIsAnon(world, head) && world.frames.rmapOwner(head) !== 0;
  return isFile || (flags & FRAME_SWAPCACHE) !== 0 ? folioNrPages(world, head) : 0;
}

/**
 * Splits a folio and keeps its mappings. Pages of an anonymous system folio that hold only zeros
 * are mapped to the shared zero page afterwards, except where memory is locked.
 * @returns 0; -EAGAIN when somebody else holds references; -EBUSY for the huge zero folio; -EINVAL
 * for hugetlb. Nothing has changed when it fails.
 * @kernelpart mm/huge_memory.c __folio_split (v7.2) always down to single pages
 */
export function splitFolio(world: World, head: number, options: SplitFolioOptions = {}): number {
  if (head === world.hugeZeroPfn) return -EBUSY;
  const record = largeRecord(world, head);
  if (record === 0) return 0;
  if (world.largeFolios.hugetlb[record] === 1) return -EINVAL;
  const callerRefs = options.callerRefs ?? 0;
  if (world.frames.extraRefs(head) !== cacheRefs(world, head) + callerRefs) return -EAGAIN;
  const isMappable = folioMapcount(world, head) > 0;
  const nrPages = folioNrPages(world, head);
  if (isMappable && !tryToMigrate(world, head, true)) {
    removeMigrationPtes(world, head, head);
    return -EAGAIN;
  }
  const useSharedZeropage = folioIsAnon(world, head) && !isZoneDevicePfn(world, head);
  const callerPage = options.callerPage ?? head;
  if (world.frames.order(head) === world.geometry.pmdOrder) world.vmEvents.count(THP_SPLIT_PAGE);
  cutFolio(world, head, callerRefs, callerPage);
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    // The caller's lock stays with the page it asked for, like its references.
    if (pfn !== callerPage) world.frames.clearFlags(pfn, FRAME_LOCKED);
    if (isMappable) removeMigrationPtes(world, pfn, pfn, { useSharedZeropage });
    folioReleaseIfUnused(world, pfn);
  }
  return 0;
}

/**
 * Splits a folio that nothing maps and leaves its migration entries to the caller.
 * @returns 0, or -EAGAIN when somebody holds references.
 * @kernel mm/huge_memory.c folio_split_unmapped (v7.2)
 */
export function folioSplitUnmapped(world: World, head: number): number {
  if (world.frames.extraRefs(head) !== cacheRefs(world, head)) return -EAGAIN;
  cutFolio(world, head, 0, head);
  return 0;
}

/** Makes every page of an unmapped folio a folio of its own, with the same identity. */
function cutFolio(world: World, head: number, callerRefs: number, callerPage: number): void {
  const { frames } = world;
  const nrPages = folioNrPages(world, head);
  const refsPerPage = cacheRefs(world, head) / nrPages;
  const order = frames.order(head);
  world.effort.add(EFFORT_SPLIT, 1, order);
  world.recorder?.note("split-folio", 0, head, nrPages);
  world.largeFolios.free(largeRecord(world, head));
  const owner = frames.rmapOwner(head);
  const index = frames.rmapIndex(head);
  const flags = frames.flags(head) & ~(FRAME_ORDER_MASK | FRAME_TAIL | FRAME_ANON_EXCLUSIVE);
  const chunk = frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const cpupid = world.lastCpupid.get(head);
  const isActive = world.activeFolios.has(head);
  frames.addExtraRefs(head, -frames.extraRefs(head));
  for (let i = 0; i < nrPages; i++) {
    chunk.flags[first + i] = flags;
    chunk.rmapOwner[first + i] = owner;
    chunk.rmapIndex[first + i] = index + i;
    chunk.extraRefs[first + i] = refsPerPage;
    if (cpupid !== undefined) world.lastCpupid.set(head + i, cpupid);
    if (isActive) world.activeFolios.add(head + i);
  }
  if (callerRefs > 0) frames.addExtraRefs(callerPage, callerRefs);
  frames.pgmapOf(head)?.ops.folioSplit?.(head, order);
}
