// Cutting a large folio of the page cache around one page, into ever smaller halves. Mirrors the
// non-uniform split of mm/huge_memory.c that truncation asks for. Its mappings are dropped, because
// a fault finds the pages in the cache again.
import {
  type AddressSpace,
  EFFORT_SPLIT,
  FRAME_DIRTY,
  FRAME_REFERENCED,
  FRAME_SWAPBACKED,
  type World,
} from "@faultline/core";
import { prepareLargeFolio } from "../folio/folio-alloc.ts";
import { folioNrPages, largeRecord } from "../folio/folio-count.ts";
import { tryToUnmapFile } from "./unmap-mapping.ts";

const KEPT_FLAGS = FRAME_DIRTY | FRAME_REFERENCED | FRAME_SWAPBACKED;

/**
 * Splits the folio of a cached page until that page is a folio of its own: the folio is halved,
 * then the half with the page, and so on.
 * @returns false when a reference forbids the split; nothing has changed then.
 * @kernelpart mm/huge_memory.c __split_unmapped_folio (v7.2) the page-cache half of it
 */
export function splitFileFolio(world: World, file: AddressSpace, pfn: number): boolean {
  const { frames } = world;
  const head = frames.head(pfn);
  const nrPages = folioNrPages(world, head);
  if (nrPages === 1) return true;
  if (frames.extraRefs(head) !== nrPages) return false;
  tryToUnmapFile(world, file, head);
  world.effort.add(EFFORT_SPLIT, 1, frames.order(head));
  world.recorder?.note("split-file-folio", 0, frames.rmapIndex(head), nrPages);
  halveAround(world, file, head, nrPages, pfn);
  return true;
}

function halveAround(
  world: World,
  file: AddressSpace,
  head: number,
  nrPages: number,
  pfn: number,
): void {
  const { frames } = world;
  const flags = frames.flags(head) & KEPT_FLAGS;
  const indexOffset = frames.rmapIndex(head) - head;
  frames.addExtraRefs(head, -nrPages);
  world.largeFolios.free(largeRecord(world, head));
  let start = head;
  let size = nrPages;
  while (size > 1) {
    size /= 2;
    const isInUpper = pfn >= start + size;
    becomeFolio(world, file, isInUpper ? start : start + size, size, indexOffset, flags);
    if (isInUpper) start += size;
  }
  becomeFolio(world, file, start, 1, indexOffset, flags);
}

/** Makes `size` pages from `head` on a cached folio of their own. */
function becomeFolio(
  world: World,
  file: AddressSpace,
  head: number,
  size: number,
  indexOffset: number,
  flags: number,
): void {
  const { frames } = world;
  const order = 31 - Math.clz32(size);
  if (order > 0) prepareLargeFolio(world, head, order);
  frames.setFlags(head, order | flags);
  frames.setRmap(head, file.id, head + indexOffset);
  frames.addExtraRefs(head, size);
}
