// Adding and removing mappings of folios. These adjust counts and the reverse mapping only; whoever
// drops a last mapping calls folioReleaseIfUnused. Mirrors mm/rmap.c.
import {
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SIZE,
  FRAME_ORDER_MASK,
  FRAME_SWAPBACKED,
  invariant,
  type MmStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { largeRecord } from "../folio/folio-count.ts";
import { addLargeMappings, removeLargeMappings } from "./large-mapcount.ts";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;

/**
 * Maps a fresh anonymous folio: by a PMD when it is PMD sized, else by one PTE (order 0) or one PTE
 * for each page. `page` is where its first page is mapped. The VMA has its anon_vma.
 * @kernel mm/rmap.c folio_add_new_anon_rmap (v7.2)
 */
export function folioAddNewAnonRmap(
  world: World,
  head: number,
  vma: VmAreaStruct,
  page: number,
  exclusive = true,
): void {
  const { anonVma } = vma;
  if (anonVma === null) invariant(false, "anonymous folio for a VMA without anon_vma");
  const chunk = world.frames.ownChunkOf(head);
  const i = head & FRAME_INDEX;
  const flags = chunk.flags[i] as number;
  const set = FRAME_ANON | FRAME_SWAPBACKED | (exclusive ? FRAME_ANON_EXCLUSIVE : 0);
  chunk.flags[i] = flags | set;
  chunk.rmapOwner[i] = anonVma.id;
  chunk.rmapIndex[i] = page - vma.vmStart + vma.vmPgoff;
  const order = flags & FRAME_ORDER_MASK;
  if (order === 0) {
    chunk.mapcount[i] = 1;
    return;
  }
  const large = world.largeFolios;
  const record = largeRecord(world, head);
  if (order === world.geometry.pmdOrder) {
    large.entireMapcount[record] = 1;
    addLargeMappings(large, record, vma.vmMm.mmId, 1);
    return;
  }
  const nrPages = 1 << order;
  chunk.mapcount.fill(1, i, i + nrPages);
  if (exclusive) {
    for (let k = i; k < i + nrPages; k++) {
      chunk.flags[k] = (chunk.flags[k] as number) | FRAME_ANON_EXCLUSIVE;
    }
  }
  addLargeMappings(large, record, vma.vmMm.mmId, nrPages);
}

/**
 * Adds one PTE mapping of a page of an anonymous folio; `exclusive` makes it AnonExclusive.
 * @kernelpart mm/rmap.c folio_add_anon_rmap_ptes (v7.2) one page; the kernel takes a batch
 */
export function folioAddAnonRmapPte(
  world: World,
  pfn: number,
  vma: VmAreaStruct,
  _page: number,
  exclusive: boolean,
): void {
  folioDupRmapPte(world, pfn, vma.vmMm);
  if (exclusive) world.frames.addFlags(pfn, FRAME_ANON_EXCLUSIVE);
}

/**
 * Adds one PMD mapping of an anonymous folio; `exclusive` makes it AnonExclusive.
 * @kernel mm/rmap.c folio_add_anon_rmap_pmd (v7.2)
 */
export function folioAddAnonRmapPmd(
  world: World,
  head: number,
  vma: VmAreaStruct,
  _page: number,
  exclusive: boolean,
): void {
  folioDupRmapPmd(world, head, vma.vmMm);
  if (exclusive) world.frames.addFlags(head, FRAME_ANON_EXCLUSIVE);
}

/** @kernel mm/rmap.c folio_add_file_rmap_pte (v7.2) */
export function folioAddFileRmapPte(world: World, pfn: number, vma: VmAreaStruct): void {
  folioDupRmapPte(world, pfn, vma.vmMm);
}

/** Adds one PTE mapping by an mm and leaves exclusivity alone. */
export function folioDupRmapPte(world: World, pfn: number, mm: MmStruct): void {
  world.frames.addPageMapcount(pfn, 1);
  if (world.frames.order(pfn) === 0) return;
  const record = largeRecord(world, world.frames.head(pfn));
  addLargeMappings(world.largeFolios, record, mm.mmId, 1);
}

/** Adds one PMD mapping by an mm and leaves exclusivity alone. */
export function folioDupRmapPmd(world: World, head: number, mm: MmStruct): void {
  const large = world.largeFolios;
  const record = largeRecord(world, head);
  large.entireMapcount[record] = (large.entireMapcount[record] as number) + 1;
  addLargeMappings(large, record, mm.mmId, 1);
}

/**
 * Drops one PTE mapping of a page. A large folio that keeps other mappings while this page has none
 * left counts as partially mapped from then on.
 * @kernel mm/rmap.c folio_remove_rmap_pte (v7.2)
 */
export function folioRemoveRmapPte(world: World, pfn: number, mm: MmStruct): void {
  const { frames } = world;
  const left = frames.addPageMapcount(pfn, -1);
  if (frames.order(pfn) === 0) return;
  const head = frames.head(pfn);
  const large = world.largeFolios;
  const record = largeRecord(world, head);
  removeLargeMappings(large, record, mm.mmId, 1);
  const isStillMapped = (large.totalMapcount[record] as number) > 0;
  if (left === 0 && isStillMapped && large.entireMapcount[record] === 0) {
    notePartiallyMapped(world, head, record);
  }
}

/**
 * Drops one PMD mapping.
 * @kernel mm/rmap.c folio_remove_rmap_pmd (v7.2)
 */
export function folioRemoveRmapPmd(world: World, head: number, mm: MmStruct): void {
  const large = world.largeFolios;
  const record = largeRecord(world, head);
  large.entireMapcount[record] = (large.entireMapcount[record] as number) - 1;
  removeLargeMappings(large, record, mm.mmId, 1);
  if (large.entireMapcount[record] !== 0 || (large.totalMapcount[record] as number) === 0) return;
  const nrPages = 1 << (world.frames.flags(head) & FRAME_ORDER_MASK);
  for (let i = 0; i < nrPages; i++) {
    if (world.frames.pageMapcount(head + i) !== 0) continue;
    notePartiallyMapped(world, head, record);
    return;
  }
}

/** Only anonymous folios in system memory are queued for a later split. */
function notePartiallyMapped(world: World, head: number, record: number): void {
  if ((world.frames.flags(head) & FRAME_ANON) === 0) return;
  if (world.frames.pgmapOf(head) !== null) return;
  world.largeFolios.partiallyMapped[record] = 1;
}

/**
 * Gives up AnonExclusive so that the page can be shared or migrated, unless it may be pinned.
 * @returns false when a pin forbids it; nothing changed then.
 * @kernel include/linux/rmap.h folio_try_share_anon_rmap_pte (v7.2)
 */
export function folioTryShareAnonRmapPte(world: World, pfn: number): boolean {
  if (world.frames.pinCount(world.frames.head(pfn)) > 0) return false;
  world.frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  return true;
}
