// Replacing every mapping of a folio, in every mm, by migration entries. Mirrors mm/rmap.c.
import {
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_ANON_EXCLUSIVE,
  FRAME_DIRTY,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DIRTY,
  LEAF_EXCLUSIVE,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  MMU_NOTIFY_CLEAR,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMapcount, folioNrPages } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { splitHugePmdIfNeeded } from "../thp/split-pmd.ts";
import { folioRemoveRmapPmd, folioRemoveRmapPte, folioTryShareAnonRmapPte } from "./add-remove.ts";
import { munlockVmaFolio } from "./mlock-folio.ts";
import { forEachMapping, MAPPING_KINDS, rmapWalk } from "./walk.ts";

/**
 * The migration entry that stands for a leaf: writable, readable-exclusive or readable. An entry a
 * device holds exclusively loses its write right for good.
 */
function migrationBits(bits: number, wasExclusive: boolean): number {
  const kind = leafKind(bits);
  const isWritable = (bits & LEAF_WRITE) !== 0 && kind !== LEAF_DEVICE_EXCLUSIVE;
  const carried = kind === LEAF_PRESENT ? LEAF_UFFD_WP | LEAF_YOUNG | LEAF_DIRTY : LEAF_UFFD_WP;
  const right = isWritable ? LEAF_WRITE : wasExclusive ? LEAF_EXCLUSIVE : 0;
  return LEAF_MIGRATION | right | (bits & carried);
}

/**
 * Replaces one leaf by a migration entry and drops its mapping. Whoever replaces several entries of
 * one table flushes once for all of them.
 * @returns false when the page is AnonExclusive and may be pinned; nothing changed then.
 */
export function replaceByMigrationEntry(
  world: World,
  vma: VmAreaStruct,
  page: number,
  bits: number,
  pfn: number,
  isPmd: boolean,
  flushes = true,
): boolean {
  const { frames } = world;
  const flags = frames.flags(pfn);
  const wasExclusive = (flags & FRAME_ANON_EXCLUSIVE) !== 0;
  if (wasExclusive && !folioTryShareAnonRmapPte(world, pfn)) return false;
  const isDirty = leafKind(bits) === LEAF_PRESENT && (bits & LEAF_DIRTY) !== 0;
  if (isDirty) frames.addFlags(frames.head(pfn), FRAME_DIRTY);
  const entry = migrationBits(bits, wasExclusive);
  const table = vma.vmMm.pageTable;
  const order = isPmd ? world.geometry.pmdOrder : 0;
  world.effort.add(EFFORT_PTE_SET, 1, order);
  if (flushes) world.effort.add(EFFORT_TLB_FLUSH, 1, order, vma.vmMm.cpumask);
  if (isPmd) {
    table.setSlot(page, entry, pfn);
    folioRemoveRmapPmd(world, pfn, vma.vmMm);
  } else {
    table.set(page, entry, pfn);
    folioRemoveRmapPte(world, pfn, vma.vmMm);
  }
  munlockVmaFolio(world, vma, frames.head(pfn));
  return true;
}

/**
 * Unmaps a folio everywhere, leaving migration entries. Each visited VMA gets a CLEAR event over
 * the folio's range in it, whether or not it still maps the folio; the walk ends with the last
 * mapping.
 * @param splitPmd splits PMD leaves first, so that the folio itself can be cut.
 * @returns true when nothing maps the folio any more.
 * @kernel mm/rmap.c try_to_migrate (v7.2)
 */
export function tryToMigrate(world: World, head: number, splitPmd = false): boolean {
  const nrPages = folioNrPages(world, head);
  rmapWalk(world, head, (vma, pageOfHead) => {
    const start = Math.max(vma.vmStart, pageOfHead);
    const end = Math.min(vma.vmEnd, pageOfHead + nrPages);
    const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, start, end);
    // Another folio may be at this place: the VMA is visited for its anon_vma's sake alone.
    const isLeafOfFolio = vma.vmMm.pageTable.slotVal(start) === head;
    if (splitPmd && isLeafOfFolio) splitHugePmdIfNeeded(world, vma, start, false);
    let isRefused = false;
    forEachMapping(vma, head, nrPages, pageOfHead, MAPPING_KINDS, ({ page, bits, pfn, isPmd }) => {
      if (!isRefused) isRefused = !replaceByMigrationEntry(world, vma, page, bits, pfn, isPmd);
    });
    mmuNotifierInvalidateRangeEnd(range);
    return !isRefused && folioMapcount(world, head) > 0;
  });
  return folioMapcount(world, head) === 0;
}
