// Removing the mappings of a part of a file from every address space. Mirrors unmap_mapping_pages
// of mm/memory.c.
import {
  type AddressSpace,
  MMU_NOTIFY_CLEAR,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMapcount, folioNrPages } from "../folio/folio-count.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import type { Verb } from "../verb.ts";
import { type ZapOptions, zapRange } from "../zap/zap-range.ts";

const ZAP_FILE_PAGES: ZapOptions = { evenCows: false, dropMarkers: false, reclaimTables: false };
const ZAP_EVEN_COWS: ZapOptions = { evenCows: true, dropMarkers: false, reclaimTables: false };

/** The part of a VMA that maps `[start, end)` of its file, as page numbers; null for none. */
function mappedPart(
  vma: VmAreaStruct,
  start: number,
  end: number,
): { from: number; to: number } | null {
  const from = Math.max(vma.vmStart, vma.pageAt(start));
  const to = Math.min(vma.vmEnd, vma.pageAt(end));
  return from < to ? { from, to } : null;
}

/**
 * Unmaps `[start, end)` of a file everywhere. Every VMA that maps a part of the range gets a CLEAR
 * event over that part, whatever is mapped in it. With `evenCows` the private copies go as well:
 * anonymous pages, device pages and swap entries.
 * @kernel mm/memory.c unmap_mapping_range (v7.2)
 */
export function* unmapMappingRange(
  world: World,
  file: AddressSpace,
  start: number,
  end: number,
  evenCows: boolean,
): Verb<void> {
  const options = evenCows ? ZAP_EVEN_COWS : ZAP_FILE_PAGES;
  for (const vma of file.iMmap.slice()) {
    const part = file.iMmap.includes(vma) ? mappedPart(vma, start, end) : null;
    if (part === null) continue;
    const { from, to } = part;
    const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, from, to);
    yield* settle(range);
    zapRange(world, vma, from, to, options);
    mmuNotifierInvalidateRangeEnd(range);
  }
}

/**
 * Unmaps one cached folio from every VMA that covers it, without letting others in between.
 * @kernel mm/memory.c unmap_mapping_folio (v7.2)
 */
export function unmapMappingFolio(world: World, file: AddressSpace, head: number): void {
  for (const vma of file.iMmap.slice()) unmapFolioFrom(world, vma, head);
}

/**
 * Unmaps one cached folio; VMAs behind the one that held the last mapping hear nothing of it.
 * Locked memory is no exception.
 * @kernelpart mm/rmap.c try_to_unmap (v7.2) file pages only; anonymous pages go by way of swap
 */
export function tryToUnmapFile(world: World, file: AddressSpace, head: number): void {
  for (const vma of file.iMmap.slice()) {
    if (folioMapcount(world, head) === 0) return;
    unmapFolioFrom(world, vma, head);
  }
}

function unmapFolioFrom(world: World, vma: VmAreaStruct, head: number): void {
  const start = world.frames.rmapIndex(head);
  const part = mappedPart(vma, start, start + folioNrPages(world, head));
  if (part === null) return;
  const { from, to } = part;
  const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, from, to);
  zapRange(world, vma, from, to, ZAP_FILE_PAGES);
  mmuNotifierInvalidateRangeEnd(range);
}
