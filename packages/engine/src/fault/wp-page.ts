// A write (or unshare) fault on a present, read-only PTE: take the page over, or copy it.
// Mirrors do_wp_page of mm/memory.c; soft-dirty and DAX are left out.
import {
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_DIRTY,
  FRAME_TAIL,
  LEAF_DIRTY,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  MMU_NOTIFY_CLEAR,
  type TaskStruct,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { allocFolioFor, copyPageContent, zeroFolio } from "../folio/folio-alloc.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { folioAddNewAnonRmap, folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { munlockVmaFolio } from "../rmap/mlock-folio.ts";
import { freeFolioAndSwapCache } from "../swap/free-folio-and-swap-cache.ts";
import { FAULT_FLAG_UNSHARE, VM_FAULT_OOM } from "./fault-flags.ts";
import { handleUserfault, userfaultfdPteWp, userfaultfdWpAsync } from "./handle-userfault.ts";
import { flushUpgrade } from "./flush-upgrade.ts";
import { wpCanReuseAnonFolio } from "./wp-can-reuse.ts";

/**
 * Resolves a write-protect fault. `table` is the page's PTE table, `orig` and `pfn` are its entry.
 * @kernel mm/memory.c do_wp_page (v7.2)
 */
export function doWpPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  table: number,
  orig: number,
  pfn: number,
): number {
  const isUnshare = (flags & FAULT_FLAG_UNSHARE) !== 0;
  let bits = orig;
  if (!isUnshare && userfaultfdPteWp(vma, bits)) {
    if (!userfaultfdWpAsync(vma)) return handleUserfault(world, vma, page);
    bits &= ~LEAF_UFFD_WP;
  }
  const mm = vma.vmMm;
  const index = mm.pageTable.indexInBlock(page);
  if ((vma.vmFlags & VM_SHARED) !== 0) {
    world.recorder?.note("wp-shared", mm.mmId, page, 1);
    world.frames.addFlags(world.frames.head(pfn), FRAME_DIRTY);
    wpPageReuse(world, vma, table, index, bits);
    return 0;
  }
  const frameFlags = world.frames.flags(pfn);
  const isTail = (frameFlags & FRAME_TAIL) !== 0;
  const folioFlags = isTail ? world.frames.flags(world.frames.head(pfn)) : frameFlags;
  if ((folioFlags & FRAME_ANON) !== 0) {
    const isExclusive = (frameFlags & FRAME_ANON_EXCLUSIVE) !== 0;
    if (isExclusive || wpCanReuseAnonFolio(world, vma, pfn, frameFlags)) {
      world.recorder?.note(isExclusive ? "wp-exclusive" : "wp-reuse", mm.mmId, page, 1);
      if (!isExclusive) world.frames.addFlags(pfn, FRAME_ANON_EXCLUSIVE);
      if (!isUnshare) wpPageReuse(world, vma, table, index, bits);
      return 0;
    }
  }
  return wpPageCopy(world, task, vma, page, isUnshare, table, bits, pfn);
}

/**
 * Makes the entry writable where it is.
 * @kernel mm/memory.c wp_page_reuse (v7.2)
 */
function wpPageReuse(
  world: World,
  vma: VmAreaStruct,
  table: number,
  index: number,
  bits: number,
): void {
  const write = (vma.vmFlags & VM_WRITE) === 0 ? 0 : LEAF_WRITE;
  world.tables.setBits(table, index, bits | LEAF_YOUNG | LEAF_DIRTY | write);
  world.effort.add(EFFORT_PTE_SET, 1);
  flushUpgrade(world, vma, 0);
}

/**
 * Gives the mm its own copy of the page. The other mappers keep the old one as it is.
 * @kernel mm/memory.c wp_page_copy (v7.2)
 */
function wpPageCopy(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  isUnshare: boolean,
  table: number,
  bits: number,
  oldPfn: number,
): number {
  if (vma.anonVma === null) anonVmaPrepare(world, vma);
  const newPfn = allocFolioFor(world, task, vma, 0);
  if (newPfn === 0) return VM_FAULT_OOM;
  const mm = vma.vmMm;
  const isZeroPage = oldPfn === world.zeroPfn;
  if (isZeroPage) zeroFolio(world, newPfn);
  else copyPageContent(world, newPfn, oldPfn);
  world.recorder?.note(isZeroPage ? "cow-zero-page" : "cow-copy", mm.mmId, page, 1);
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, page, page + 1);
  folioAddNewAnonRmap(world, newPfn, vma, page);
  let fresh = LEAF_PRESENT | LEAF_YOUNG;
  if (isUnshare) fresh |= bits & LEAF_UFFD_WP;
  else fresh |= LEAF_DIRTY | ((vma.vmFlags & VM_WRITE) === 0 ? 0 : LEAF_WRITE);
  world.tables.set(table, mm.pageTable.indexInBlock(page), fresh, newPfn);
  world.effort.add(EFFORT_PTE_SET, 1);
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
  if (!isZeroPage) dropOldPage(world, vma, oldPfn);
  mmuNotifierInvalidateRangeEnd(range);
  return 0;
}

function dropOldPage(world: World, vma: VmAreaStruct, pfn: number): void {
  const head = world.frames.head(pfn);
  folioRemoveRmapPte(world, pfn, vma.vmMm);
  munlockVmaFolio(world, vma, head);
  freeFolioAndSwapCache(world, head);
}
