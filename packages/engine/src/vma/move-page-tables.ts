// Moving the entries of a range to another place in the same address space: PMD slots whole where
// both are aligned, else entry by entry. Mirrors mm/mremap.c move_page_tables. Moves of whole
// PUD entries are left out: they would move the same slots.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  LEAF_KIND_MASK,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  leafKind,
  MARKER_UFFD_WP,
  MMU_NOTIFY_UNMAP,
  type PageTable,
  VM_HUGETLB,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import type { Verb } from "../verb.ts";

/** Where entries come from and where they go (`struct pagetable_move_control`). */
export interface PageTableMove {
  readonly oldVma: VmAreaStruct;
  readonly newVma: VmAreaStruct;
  readonly oldStart: number;
  readonly newStart: number;
  readonly nrPages: number;
}

/** A move under way, with what is the same for all of its steps. */
interface MoveState {
  readonly world: World;
  readonly move: PageTableMove;
  readonly table: PageTable;
  /** userfaultfd write-protection does not follow a move, so tables cannot move whole. */
  readonly clearsUffdWp: boolean;
}

/**
 * Moves every entry. Kind, rights and content stay as they are; only userfaultfd write-protection
 * is lost. The event covers the source, from its block's start when the move was widened to it.
 * @kernel mm/mremap.c move_page_tables (v7.2)
 */
export function* movePageTables(world: World, move: PageTableMove): Verb<void> {
  if (move.nrPages === 0) return;
  const mm = move.oldVma.vmMm;
  const table = mm.pageTable;
  const clearsUffdWp = move.oldVma.uffdCtx !== null || move.newVma.uffdCtx !== null;
  const state: MoveState = { world, move, table, clearsUffdWp };
  const oldEnd = move.oldStart + move.nrPages;
  const isHugetlb = (move.oldVma.vmFlags & VM_HUGETLB) !== 0;
  let old = isHugetlb ? move.oldStart : realign(world, move);
  const distance = move.newStart - move.oldStart;
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_UNMAP, old, oldEnd);
  yield* settle(range);
  while (old < oldEnd) {
    const nrPages = extentOf(table, old, old + distance, oldEnd - old);
    moveExtent(state, old, old + distance, nrPages);
    old += nrPages;
  }
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
  mmuNotifierInvalidateRangeEnd(range);
}

/**
 * Starts the move at the block's first page where nothing else lives in the pages before it on
 * either side, so that the first table can move whole.
 * @kernel mm/mremap.c try_realign_addr (v7.2)
 */
function realign(world: World, move: PageTableMove): number {
  const { oldStart, newStart, nrPages } = move;
  const inBlock = oldStart % world.blockPages;
  if (inBlock === 0 || inBlock !== newStart % world.blockPages) return oldStart;
  if (nrPages < world.blockPages - inBlock) return oldStart;
  const isFree =
    canAlignDown(move.oldVma, oldStart, inBlock) && canAlignDown(move.newVma, newStart, inBlock);
  if (!isFree) return oldStart;
  world.recorder?.note("mremap-realign", move.oldVma.vmMm.mmId, oldStart - inBlock, inBlock);
  return oldStart - inBlock;
}

/** @kernel mm/mremap.c can_align_down (v7.2) */
function canAlignDown(vma: VmAreaStruct, start: number, inBlock: number): boolean {
  if (vma.vmStart !== start) return false;
  return vma.vmMm.vmasIn(start - inBlock, start).length === 0;
}

/** Pages up to the next block boundary of either side. */
function extentOf(table: PageTable, old: number, next: number, nrPages: number): number {
  const oldRest = table.blockPages - table.indexInBlock(old);
  const newRest = table.blockPages - table.indexInBlock(next);
  return Math.min(nrPages, oldRest, newRest);
}

function moveExtent(state: MoveState, old: number, next: number, nrPages: number): void {
  const { world, table, move } = state;
  if (!table.hasPmdTable(old)) return;
  table.ensurePmdTable(next);
  const slot = table.slotBits(old);
  const isWhole = nrPages === table.blockPages;
  if (isPmdLeaf(slot)) {
    if (isWhole && table.slotBits(next) === LEAF_NONE) {
      moveSlot(state, old, next);
      return;
    }
    splitHugePmd(world, move.oldVma, old, true);
  } else if (isWhole && leafKind(slot) === LEAF_TABLE && !state.clearsUffdWp) {
    if (table.slotBits(next) === LEAF_NONE) {
      moveSlot(state, old, next);
      return;
    }
  }
  if (table.leafTable(old) !== 0) movePagesPtes(state, old, next, nrPages);
}

/** @kernel mm/mremap.c move_normal_pmd (v7.2) */
function moveSlot(state: MoveState, old: number, next: number): void {
  const { world, table } = state;
  const slot = table.slotBits(old);
  const val = table.slotVal(old);
  const isCleared = state.clearsUffdWp && leafKind(slot) !== LEAF_TABLE;
  table.setSlot(old, LEAF_NONE, 0);
  table.setSlot(next, isCleared ? slot & ~LEAF_UFFD_WP : slot, val);
  world.recorder?.note("mremap-move-pmd", state.move.oldVma.vmMm.mmId, next, table.blockPages);
  world.effort.add(EFFORT_PTE_SET, 2, world.geometry.pmdOrder);
}

/** @kernel mm/mremap.c move_ptes (v7.2) */
function movePagesPtes(state: MoveState, old: number, next: number, nrPages: number): void {
  const { world, table } = state;
  const { tables } = world;
  const newId = table.ensureLeafTable(next);
  const oldId = table.leafTable(old);
  const from = tables.ownChunkOf(oldId);
  const fromBase = tables.baseOf(oldId) + table.indexInBlock(old);
  const to = tables.ownChunkOf(newId);
  const toBase = tables.baseOf(newId) + table.indexInBlock(next);
  let nrMoved = 0;
  for (let i = 0; i < nrPages; i++) {
    const bits = from.bits[fromBase + i] as number;
    if (bits === LEAF_NONE) continue;
    const val = from.val[fromBase + i] as number;
    from.bits[fromBase + i] = LEAF_NONE;
    from.val[fromBase + i] = 0;
    nrMoved++;
    const isMarker = (bits & LEAF_KIND_MASK) === LEAF_MARKER;
    if (state.clearsUffdWp && isMarker && val === MARKER_UFFD_WP) continue;
    to.bits[toBase + i] = state.clearsUffdWp && !isMarker ? bits & ~LEAF_UFFD_WP : bits;
    to.val[toBase + i] = val;
  }
  world.effort.add(EFFORT_PTE_WALK, nrPages);
  if (nrMoved > 0) world.effort.add(EFFORT_PTE_SET, 2 * nrMoved);
}
