// Fork and pinned hugetlb pages: they are never split, so the child gets a copy of the whole page
// at once. Mirrors the pinned branch of copy_hugetlb_page_range in mm/hugetlb.c.
import { EFFORT_PTE_SET, LEAF_DIRTY, LEAF_PRESENT, LEAF_YOUNG } from "@faultline/core";
import { newHugetlbFolio } from "../fault/hugetlb-fault.ts";
import { maybeMkwrite } from "../fault/set-leaf.ts";
import { copyFolioContent } from "../folio/folio-alloc.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import type { ForkCopy } from "./fork-copy.ts";

/**
 * Gives the child its own copy of a hugetlb page and leaves the parent's as it is.
 * @returns false when there is no memory for it.
 */
export function copyPinnedHugetlb(copy: ForkCopy, page: number, head: number): boolean {
  const { world, task, child } = copy;
  const fresh = newHugetlbFolio(world, task, child);
  if (fresh === 0) return false;
  copyFolioContent(world, fresh, head);
  folioAddNewAnonRmap(world, fresh, child, page);
  const bits = LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | maybeMkwrite(child);
  child.vmMm.pageTable.setSlot(page, bits, fresh);
  world.effort.add(EFFORT_PTE_SET, 1);
  return true;
}
