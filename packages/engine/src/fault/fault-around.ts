// Mapping cached neighbours of a file page together with it. Mirrors do_fault_around of mm/memory.c
// and filemap_map_pages of mm/filemap.c.
import {
  type AddressSpace,
  LEAF_NONE,
  type VmAreaStruct,
  VM_UFFD_WP,
  type World,
} from "@faultline/core";
import { filemapGetPage } from "../file/filemap.ts";
import { doSetPmd, wholeFolioStart } from "../file/map-large-folio.ts";
import { folioNrPages } from "../folio/folio-count.ts";
import { mapFilePage } from "./map-file-page.ts";

/**
 * Maps every page of the window around `page` that is in the cache and not mapped yet, with the
 * VMA's rights. A large folio around the page is mapped whole where it fits, by a leaf if possible,
 * and even behind the end of the file. Nothing is allocated.
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
  const index = vma.indexOf(page);
  const pfn = index < file.nrPages ? filemapGetPage(world, file, index) : 0;
  if (pfn !== 0 && doSetPmd(world, vma, page, pfn, false)) return true;
  const block = pageTable.blockStart(page);
  const first = Math.max(block, vma.vmStart, page - (pageTable.indexInBlock(page) % window));
  const end = Math.min(first + window, block + pageTable.blockPages, vma.vmEnd);
  const fileEnd = vma.pageAt(file.nrPages);
  mapCached(world, vma, file, first, Math.min(end, fileEnd));
  const whole = pfn === 0 ? -1 : wholeFolioStart(world, vma, page, pfn);
  if (whole >= 0) {
    const nrPages = folioNrPages(world, world.frames.head(pfn));
    mapCached(world, vma, file, whole, whole + nrPages);
  }
  return pageTable.bits(page) !== LEAF_NONE;
}

function mapCached(
  world: World,
  vma: VmAreaStruct,
  file: AddressSpace,
  start: number,
  end: number,
): void {
  const { pageTable } = vma.vmMm;
  for (let page = start; page < end; page++) {
    if (pageTable.bits(page) !== LEAF_NONE) continue;
    const pfn = filemapGetPage(world, file, vma.indexOf(page));
    if (pfn === 0) continue;
    mapFilePage(world, vma, page, pfn, false, false);
    world.recorder?.note("fault-around", vma.vmMm.mmId, page, 1);
  }
}
