// Mapping cached neighbours of a file page together with it. Mirrors do_fault_around of mm/memory.c
// and filemap_map_pages of mm/filemap.c.
import { LEAF_NONE, type VmAreaStruct, VM_UFFD_WP, type World } from "@faultline/core";
import { filemapGetPage } from "../file/filemap.ts";
import { mapFilePage } from "./map-file-page.ts";

/**
 * Maps every page of the window around `page` that is in the cache and not mapped yet, with the
 * VMA's rights. Nothing is allocated.
 * @returns true when the faulting page itself is mapped now.
 * @kernel mm/memory.c do_fault_around (v7.2)
 */
export function doFaultAround(world: World, vma: VmAreaStruct, page: number): boolean {
  const file = vma.vmFile;
  const window = world.settings.faultAroundPages;
  if (file === null || file.kind === "device" || window <= 1) return false;
  // Neighbours would bypass the write protection that the monitor relies on.
  if ((vma.vmFlags & VM_UFFD_WP) !== 0) return false;
  const { pageTable } = vma.vmMm;
  const inBlock = pageTable.indexInBlock(page);
  const inVma = page - vma.vmStart;
  const first = Math.max(inBlock - (inBlock % window), inBlock - Math.min(inBlock, inVma));
  const vmaEnd = inBlock + vma.nrPages - inVma;
  const end = Math.min(first + window, pageTable.blockPages, vmaEnd);
  const block = page - inBlock;
  for (let i = first; i < end; i++) {
    const index = vma.indexOf(block + i);
    if (index >= file.nrPages) break;
    if (pageTable.bits(block + i) !== LEAF_NONE) continue;
    const pfn = filemapGetPage(world, file, index);
    if (pfn === 0) continue;
    mapFilePage(world, vma, block + i, pfn, false, false);
    world.recorder?.note("fault-around", vma.vmMm.mmId, block + i, 1);
  }
  return pageTable.bits(page) !== LEAF_NONE;
}
