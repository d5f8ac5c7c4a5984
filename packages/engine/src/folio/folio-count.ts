// How often a folio is mapped and referenced. A mapping is a reference, so the kernel's refcount is
// mappings plus the references that are none. Mirrors include/linux/mm.h.
import {
  FRAME_ANON,
  FRAME_ORDER_MASK,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PRIVATE,
  type World,
} from "@faultline/core";

/** Pages of the folio. */
export function folioNrPages(world: World, head: number): number {
  return 1 << (world.frames.flags(head) & FRAME_ORDER_MASK);
}

/** Number of the large folio's record in `world.largeFolios`; 0 for a small folio. */
export function largeRecord(world: World, head: number): number {
  return (world.frames.flags(head) & FRAME_ORDER_MASK) === 0 ? 0 : world.frames.rmapOwner(head + 1);
}

/** PMD mappings of a folio. */
export function folioEntireMapcount(world: World, head: number): number {
  const record = largeRecord(world, head);
  return record === 0 ? 0 : (world.largeFolios.entireMapcount[record] as number);
}

/**
 * All mappings of a folio: PMD mappings plus the PTE mappings of each page.
 * @kernel include/linux/mm.h folio_mapcount (v7.2)
 */
export function folioMapcount(world: World, head: number): number {
  const record = largeRecord(world, head);
  return record === 0
    ? world.frames.pageMapcount(head)
    : (world.largeFolios.totalMapcount[record] as number);
}

/** @kernel include/linux/page_ref.h folio_ref_count (v7.2) */
export function folioRefCount(world: World, head: number): number {
  return folioMapcount(world, head) + world.frames.extraRefs(head);
}

/** Mappings of one page: its own PTE mappings and the folio's PMD mappings. */
export function pagePreciseMapcount(world: World, pfn: number): number {
  const { frames } = world;
  const own = frames.pageMapcount(pfn);
  return frames.order(pfn) === 0 ? own : own + folioEntireMapcount(world, frames.head(pfn));
}

/**
 * Whether more than one mm may map the folio. Exact for small folios; for large ones the kernel's
 * estimate from two mm slots and a sticky flag.
 * @kernel include/linux/mm.h folio_maybe_mapped_shared (v7.2)
 */
export function folioMaybeMappedShared(world: World, head: number): boolean {
  const mapcount = folioMapcount(world, head);
  if (mapcount <= 1) return false;
  const record = largeRecord(world, head);
  return record === 0 || world.largeFolios.maybeShared[record] === 1;
}

/** True for anonymous folios, KSM pages included. */
export function folioIsAnon(world: World, head: number): boolean {
  return (world.frames.flags(head) & FRAME_ANON) !== 0;
}

/** True for MEMORY_DEVICE_PRIVATE frames. */
export function isDevicePrivatePfn(world: World, pfn: number): boolean {
  return world.frames.pgmapOf(pfn)?.type === MEMORY_DEVICE_PRIVATE;
}

/** True for MEMORY_DEVICE_COHERENT frames. */
export function isDeviceCoherentPfn(world: World, pfn: number): boolean {
  return world.frames.pgmapOf(pfn)?.type === MEMORY_DEVICE_COHERENT;
}

/** True for any device memory. */
export function isZoneDevicePfn(world: World, pfn: number): boolean {
  return world.frames.pgmapOf(pfn) !== null;
}
