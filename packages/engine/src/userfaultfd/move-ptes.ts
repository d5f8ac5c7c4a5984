// Moving pages one by one for UFFDIO_MOVE. Mirrors mm/userfaultfd.c move_pages_ptes.
import {
  EBUSY,
  EEXIST,
  EFAULT,
  EFFORT_PTE_SET,
  EFFORT_TLB_FLUSH,
  ENOENT,
  FRAME_ANON,
  LEAF_DIRTY,
  LEAF_EXCLUSIVE,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  MMU_NOTIFY_CLEAR,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMoveAnonRmap } from "../fault/wp-can-reuse.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { splitFolio } from "../thp/split-folio.ts";
import type { Verb } from "../verb.ts";
import { type UffdMove, waitForMigration } from "./uffd-move.ts";

/**
 * Moves pages from the cursor to the end of the range or the next block border on either side,
 * whichever comes first. One CLEAR event covers all of that, also when a page in it is refused.
 * @returns 0, a negative errno or MOVE_WAIT; the cursor tells how far it came.
 * @kernel mm/userfaultfd.c move_pages_ptes (v7.2)
 */
export function* movePagesPtes(world: World, move: UffdMove): Verb {
  const { mm } = move;
  const table = mm.pageTable;
  const untilSrc = table.blockPages - table.indexInBlock(move.src);
  const untilDst = table.blockPages - table.indexInBlock(move.dst);
  const end = Math.min(move.srcEnd, move.src + Math.min(untilSrc, untilDst));
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, move.src, end);
  yield* settle(range);
  let rc = 0;
  const first = move.src;
  while (rc === 0 && move.src < end) {
    rc = movePte(world, move);
    if (rc !== 0) break;
    move.src++;
    move.dst++;
  }
  world.effort.add(EFFORT_PTE_SET, 2 * (move.src - first));
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
  mmuNotifierInvalidateRangeEnd(range);
  return rc;
}

/** Moves one entry; the cursor stays. */
function movePte(world: World, move: UffdMove): number {
  const table = move.mm.pageTable;
  const { src, dst } = move;
  if (table.bits(dst) !== LEAF_NONE) return -EEXIST;
  const bits = table.bits(src);
  if (bits === LEAF_NONE) return move.allowsHoles ? 0 : -ENOENT;
  const val = table.val(src);
  switch (leafKind(bits)) {
    case LEAF_PRESENT:
      return movePresent(world, move, val);
    case LEAF_MIGRATION:
      return waitForMigration(world, val);
    case LEAF_SWAP:
      return moveSwap(world, move, bits, val);
    default:
      return -EFAULT;
  }
}

/** @kernel mm/userfaultfd.c move_present_ptes (v7.2) */
function movePresent(world: World, move: UffdMove, pfn: number): number {
  const table = move.mm.pageTable;
  const { src, dst, dstVma } = move;
  const { frames } = world;
  if (pfn === world.zeroPfn) {
    table.set(src, LEAF_NONE, 0);
    table.set(dst, LEAF_PRESENT | LEAF_YOUNG, pfn);
    return 0;
  }
  const head = frames.head(pfn);
  // The folio's first page speaks for a large folio, wherever in it the page lies.
  if (!frames.isAnonExclusive(head) || frames.pinCount(head) > 0) return -EBUSY;
  if (frames.order(pfn) > 0) {
    // The pieces are looked at again: one that holds only zeros is the zero page now.
    return splitFolio(world, head) === 0 ? movePte(world, move) : -EBUSY;
  }
  table.set(src, LEAF_NONE, 0);
  table.set(dst, LEAF_PRESENT | LEAF_YOUNG | LEAF_DIRTY | LEAF_WRITE, pfn);
  reindexAnonFolio(world, pfn, dstVma, dst);
  return 0;
}

/** @kernel mm/userfaultfd.c move_swap_pte (v7.2) */
function moveSwap(world: World, move: UffdMove, bits: number, slot: number): number {
  if ((bits & LEAF_EXCLUSIVE) === 0) return -EBUSY;
  const table = move.mm.pageTable;
  table.set(move.src, LEAF_NONE, 0);
  table.set(move.dst, bits, slot);
  const cached = world.swap?.cachedPfn[slot] ?? 0;
  if (cached !== 0 && (world.frames.flags(cached) & FRAME_ANON) !== 0) {
    reindexAnonFolio(world, cached, move.dstVma, move.dst);
  }
  return 0;
}

/** Makes a folio of this mm alone one of the VMA's own, mapped at `page`. */
export function reindexAnonFolio(
  world: World,
  head: number,
  vma: VmAreaStruct,
  page: number,
): void {
  folioMoveAnonRmap(world, head, vma);
  world.frames.setRmap(head, world.frames.rmapOwner(head), vma.indexOf(page));
}
