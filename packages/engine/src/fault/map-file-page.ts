// Mapping one page of the page cache. Mirrors set_pte_range of mm/memory.c.
import {
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  VM_SHARED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioAddFileRmapPte } from "../rmap/add-remove.ts";
import { vmaWantsWritenotify } from "./can-change-pte-writable.ts";
import { maybeMkwrite, setNewPte } from "./set-leaf.ts";

/**
 * Maps a page-cache page. Shared mappings get the VMA's full rights even for a read, unless the
 * file system wants to hear of first writes.
 * @kernelpart mm/memory.c set_pte_range (v7.2) one page, and the counting around it
 */
export function mapFilePage(
  world: World,
  vma: VmAreaStruct,
  page: number,
  pfn: number,
  isWrite: boolean,
  isWpMarked: boolean,
): void {
  let bits = LEAF_PRESENT | LEAF_YOUNG;
  const isShared = (vma.vmFlags & VM_SHARED) !== 0;
  if (isWrite) bits |= LEAF_DIRTY | maybeMkwrite(vma);
  else if (isShared && !vmaWantsWritenotify(vma)) bits |= maybeMkwrite(vma);
  if (isWpMarked) bits = (bits & ~LEAF_WRITE) | LEAF_UFFD_WP;
  folioAddFileRmapPte(world, pfn, vma);
  setNewPte(world, vma.vmMm.pageTable, page, bits, pfn);
}
