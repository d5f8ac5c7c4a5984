// What get_user_pages leaves behind on a page it hands out: the page counts as used. Mirrors the
// FOLL_TOUCH parts of mm/gup.c and mm/huge_memory.c. Pins leave no such trace.
import {
  FRAME_DIRTY,
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_YOUNG,
  leafKind,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMarkAccessed } from "../folio/mark-accessed.ts";

/**
 * Notes a use of the page that `pfn` was handed out for. A PMD leaf turns young and dirty by a
 * write; for a read x86 does not write the leaf back. A small page's folio is marked instead,
 * because its entry may be changing under another CPU's hands.
 * @kernelpart mm/gup.c follow_page_pte (v7.2) the marking of the use, which both leave in the same
 * way
 * @kernelpart mm/huge_memory.c touch_pmd (v7.2) the marking of the use, which both leave in the
 * same way
 */
export function touchPage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  isWrite: boolean,
): void {
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(page);
  if (leafKind(slot) === LEAF_PRESENT) {
    if (isWrite) table.setSlot(page, slot | LEAF_YOUNG | LEAF_DIRTY, table.slotVal(page));
    return;
  }
  if (pfn === world.zeroPfn) return;
  const head = world.frames.head(pfn);
  if (isWrite && (table.bits(page) & LEAF_DIRTY) === 0) world.frames.addFlags(head, FRAME_DIRTY);
  folioMarkAccessed(world, head);
}
