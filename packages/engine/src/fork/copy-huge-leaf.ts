// Fork and PMD leaves. Mirrors mm/huge_memory.c copy_huge_pmd.
import {
  EFFORT_PTE_SET,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  LEAF_EXCLUSIVE,
  LEAF_MIGRATION,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  VM_HUGETLB,
  VM_UFFD_WP,
} from "@faultline/core";
import { folioDupRmapPmd } from "../rmap/add-remove.ts";
import { copyPinnedHugetlb } from "./copy-pinned-hugetlb.ts";
import type { ForkCopy } from "./fork-copy.ts";

/**
 * Shares one PMD leaf with the child.
 * @returns false when the folio may be pinned: the leaf must be split and copied page by page.
 * @kernel mm/huge_memory.c copy_huge_pmd (v7.2)
 */
export function copyHugePmd(copy: ForkCopy, page: number): boolean {
  const { world, child, parent } = copy;
  const src = parent.vmMm.pageTable;
  const dst = child.vmMm.pageTable;
  const slot = src.slotBits(page);
  const head = src.slotVal(page);
  const keep = (child.vmFlags & VM_UFFD_WP) !== 0 ? 0xff : 0xff & ~LEAF_UFFD_WP;
  world.effort.add(EFFORT_PTE_SET, 2, world.geometry.pmdOrder);
  if (head === world.hugeZeroPfn) {
    dst.setSlot(page, slot & keep, head);
    return true;
  }
  if (leafKind(slot) === LEAF_MIGRATION) {
    const shared = slot & ~(LEAF_WRITE | LEAF_EXCLUSIVE);
    src.setSlot(page, shared, head);
    dst.setSlot(page, shared & keep, head);
    return true;
  }
  const { frames } = world;
  // File pages can be faulted again; the child starts without them.
  if ((frames.flags(head) & FRAME_ANON) === 0) return true;
  if (frames.isAnonExclusive(head) && frames.pinCount(head) > 0) {
    return (child.vmFlags & VM_HUGETLB) !== 0 && copyPinnedHugetlb(copy, page, head);
  }
  frames.clearFlags(head, FRAME_ANON_EXCLUSIVE);
  folioDupRmapPmd(world, head, child.vmMm);
  const shared = slot & ~LEAF_WRITE;
  src.setSlot(page, shared, head);
  dst.setSlot(page, shared & keep & ~LEAF_YOUNG, head);
  return true;
}
