// Finding the folio behind one page of an address space without faulting. Mirrors folio_walk_start
// of mm/pagewalk.c.
import { LEAF_PRESENT, LEAF_TABLE, leafKind, type MmStruct } from "@faultline/core";

/** Nothing present at the page. */
export const NO_PFN = -1;

/**
 * The frame that a present leaf maps at the page, protnone leaves and zero pages included: the PMD
 * leaf's head for a huge mapping. NO_PFN for everything that is not present.
 */
export function presentPfnAt(mm: MmStruct, page: number): number {
  const table = mm.pageTable;
  const slot = table.slotBits(page);
  if (leafKind(slot) === LEAF_PRESENT) return table.slotVal(page);
  if (leafKind(slot) !== LEAF_TABLE) return NO_PFN;
  return leafKind(table.bits(page)) === LEAF_PRESENT ? table.val(page) : NO_PFN;
}
