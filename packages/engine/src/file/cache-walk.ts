// Visiting the cached and swapped-out pages of a part of a file, skipping what no table covers.
import { type AddressSpace, LEAF_NONE, LEAF_TABLE, leafKind } from "@faultline/core";

/** Sees one entry of the page cache. Returns the index to go on with. */
export type CacheVisit = (index: number, bits: number, val: number) => number;

/** Visits every entry in `[start, end)`, ascending; the visitor may change what it was given. */
export function walkCache(file: AddressSpace, start: number, end: number, visit: CacheVisit): void {
  const { pages } = file;
  let index = start;
  while (index < end) {
    if (!pages.hasPmdTable(index)) {
      const span = pages.pmdTableSpan();
      index = (Math.floor(index / span) + 1) * span;
      continue;
    }
    if (leafKind(pages.slotBits(index)) !== LEAF_TABLE) {
      index = pages.blockStart(index) + pages.blockPages;
      continue;
    }
    const bits = pages.bits(index);
    index = bits === LEAF_NONE ? index + 1 : visit(index, bits, pages.val(index));
  }
}
