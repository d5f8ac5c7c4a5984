// A pinned page stays the parent's alone: the child gets its own copy at fork.
import {
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  VM_WRITE,
  VM_UFFD_WP,
} from "@faultline/core";
import { allocFolioFor, copyPageContent } from "../folio/folio-alloc.ts";
import { folioAddNewAnonRmap } from "../rmap/add-remove.ts";
import type { ForkCopy } from "./fork-copy.ts";

/**
 * Copies one page for the child and maps it there, writable when the VMA is.
 * @returns false when memory ran out.
 * @kernel mm/memory.c copy_present_page (v7.2)
 */
export function copyPresentPage(copy: ForkCopy, page: number, pfn: number): boolean {
  const { world, task, child, parent } = copy;
  const copied = allocFolioFor(world, task, parent, 0);
  if (copied === 0) return false;
  copyPageContent(world, copied, pfn);
  folioAddNewAnonRmap(world, copied, child, page);
  const source = parent.vmMm.pageTable.bits(page);
  const uffd = (child.vmFlags & VM_UFFD_WP) !== 0 ? source & LEAF_UFFD_WP : 0;
  const write = (child.vmFlags & VM_WRITE) !== 0 && uffd === 0 ? LEAF_WRITE : 0;
  child.vmMm.pageTable.set(page, LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | write | uffd, copied);
  world.recorder?.note("fork-pinned-copy", child.vmMm.mmId, page, 1);
  return true;
}
