// MADV_FREE: the pages stay until memory is short, unless they are written again. Mirrors
// madvise_free_single_vma of mm/madvise.c.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EINVAL,
  FRAME_ANON,
  FRAME_DIRTY,
  FRAME_MLOCKED,
  FRAME_ORDER_MASK,
  FRAME_SWAPBACKED,
  FRAME_SWAPCACHE,
  LEAF_DIRTY,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_TABLE,
  LEAF_YOUNG,
  leafKind,
  MARKER_POISON,
  MMU_NOTIFY_CLEAR,
  type TaskStruct,
  VM_HUGETLB,
  VM_LOCKED,
  VM_PFNMAP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  folioMapcount,
  folioMaybeMappedShared,
  folioNrPages,
  isZoneDevicePfn,
} from "../folio/folio-count.ts";
import { folioDeactivate } from "../folio/mark-accessed.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { isPmdLeaf } from "../thp/split-pmd.ts";
import { splitFolio } from "../thp/split-folio.ts";
import type { Verb } from "../verb.ts";
import { forEachMappedBlock } from "./advice-walk.ts";
import {
  adviseLargeFolio,
  madviseFolioPteBatch,
  LARGE_AGAIN,
  LARGE_SKIP,
} from "./large-folio-range.ts";
import { folioFreeSwap, freeSwapAndCache } from "./swap-cache.ts";

/**
 * MADV_FREE on the part `[start, end)` of one VMA. The CLEAR event covers that part even where
 * nothing changes.
 * @returns 0; -EINVAL for a VMA that is not anonymous, is locked, or maps raw frames.
 * @kernelpart mm/madvise.c madvise_free_single_vma (v7.2) one VMA, after the checks of madvise
 * itself
 */
export function* madviseFreeRange(
  world: World,
  _task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  if ((vma.vmFlags & (VM_LOCKED | VM_PFNMAP)) !== 0) return -EINVAL;
  if (!vma.isAnonymous || (vma.vmFlags & VM_HUGETLB) !== 0) return -EINVAL;
  const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, start, end);
  yield* settle(range);
  forEachMappedBlock(vma.vmMm, start, end, (from, to) => freeBlock(world, vma, from, to));
  mmuNotifierInvalidateRangeEnd(range);
  return 0;
}

/** @kernel mm/madvise.c madvise_free_pte_range (v7.2) */
function freeBlock(world: World, vma: VmAreaStruct, from: number, to: number): void {
  const table = vma.vmMm.pageTable;
  if (isPmdLeaf(table.slotBits(from)) && freeHugePmd(world, vma, from, to)) return;
  if (leafKind(table.slotBits(from)) !== LEAF_TABLE) return;
  world.effort.add(EFFORT_PTE_WALK, to - from);
  let page = from;
  while (page < to) {
    const bits = table.bits(page);
    const kind = leafKind(bits);
    if (kind === LEAF_PRESENT) {
      page += freePresent(world, vma, page, to);
      continue;
    }
    if (kind === LEAF_SWAP) {
      freeSwapAndCache(world, table.val(page));
      table.set(page, LEAF_NONE, 0);
    } else if (kind === LEAF_MARKER && table.val(page) === MARKER_POISON) {
      table.set(page, LEAF_NONE, 0);
    }
    page++;
  }
}

/**
 * A PMD leaf: given up whole, or split when only a part of it is.
 * @returns false when the block has to be looked at as a table.
 * @kernel mm/huge_memory.c madvise_free_huge_pmd (v7.2)
 */
function freeHugePmd(world: World, vma: VmAreaStruct, from: number, to: number): boolean {
  const table = vma.vmMm.pageTable;
  const bits = table.slotBits(from);
  const head = table.slotVal(from);
  if (leafKind(bits) !== LEAF_PRESENT || head === world.hugeZeroPfn) return false;
  if (folioMaybeMappedShared(world, head)) return false;
  if (to - from !== table.blockPages) {
    splitFolio(world, head);
    return false;
  }
  world.frames.clearFlags(head, FRAME_DIRTY);
  table.setSlot(from, bits & ~(LEAF_YOUNG | LEAF_DIRTY), head);
  world.effort.add(EFFORT_PTE_SET, 1);
  markLazyFree(world, vma, from, head);
  return true;
}

/** One present entry, or all entries of a large folio. Returns how many entries are dealt with. */
function freePresent(world: World, vma: VmAreaStruct, page: number, end: number): number {
  const table = vma.vmMm.pageTable;
  const { frames } = world;
  const pfn = table.val(page);
  if (pfn === world.zeroPfn || isZoneDevicePfn(world, pfn)) return 1;
  const head = frames.head(pfn);
  let nr = 1;
  if ((frames.flags(head) & FRAME_ORDER_MASK) !== 0) {
    nr = madviseFolioPteBatch(world, table, page, end, head);
    const verdict = adviseLargeFolio(world, vma, page, head, nr);
    if (verdict === LARGE_AGAIN) return 0;
    if (verdict === LARGE_SKIP) return nr;
  }
  if (!mayClean(world, head)) return nr;
  for (let i = 0; i < nr; i++) {
    const bits = table.bits(page + i);
    if ((bits & (LEAF_YOUNG | LEAF_DIRTY)) === 0) continue;
    table.set(page + i, bits & ~(LEAF_YOUNG | LEAF_DIRTY), pfn + i);
    world.effort.add(EFFORT_PTE_SET, 1);
  }
  markLazyFree(world, vma, page, head);
  return nr;
}

/** A dirty or swap-cached folio can be cleaned only by its one user. */
function mayClean(world: World, head: number): boolean {
  const { frames } = world;
  const flags = frames.flags(head);
  if ((flags & (FRAME_SWAPCACHE | FRAME_DIRTY)) === 0) return true;
  if (folioMapcount(world, head) !== folioNrPages(world, head)) return false;
  if ((flags & FRAME_SWAPCACHE) !== 0 && !folioFreeSwap(world, head)) return false;
  frames.clearFlags(head, FRAME_DIRTY);
  return true;
}

/** @kernel mm/swap.c folio_mark_lazyfree (v7.2) */
function markLazyFree(world: World, vma: VmAreaStruct, page: number, head: number): void {
  const { frames } = world;
  const flags = frames.flags(head);
  const wanted = FRAME_ANON | FRAME_SWAPBACKED;
  if ((flags & (wanted | FRAME_SWAPCACHE | FRAME_MLOCKED)) !== wanted) return;
  frames.clearFlags(head, FRAME_SWAPBACKED);
  folioDeactivate(world, head);
  world.recorder?.note("madvise-lazyfree", vma.vmMm.mmId, page, folioNrPages(world, head));
}
