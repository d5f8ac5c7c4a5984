// Finding the folios of a range that are on the wrong node. Mirrors queue_pages_range and what it
// calls in mm/mempolicy.c; hugetlb and the interleave index are left out.
import {
  EFAULT,
  EFFORT_PTE_WALK,
  EIO,
  FRAME_ORDER_MASK,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type MmStruct,
  VM_IO,
  VM_PFNMAP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMaybeMappedShared, isZoneDevicePfn } from "../folio/folio-count.ts";
import { forEachMappedBlock } from "../swap/advice-walk.ts";
import { madviseFolioPteBatch } from "../swap/large-folio-range.ts";
import type { FolioList } from "./folio-isolation.ts";
import { MPOL_MF_MOVE, MPOL_MF_MOVE_ALL, MPOL_MF_STRICT } from "./sys-move-pages.ts";

const ANY_MOVE = MPOL_MF_MOVE | MPOL_MF_MOVE_ALL;

/** What to look for. */
export interface QueueRequest {
  readonly mm: MmStruct;
  readonly start: number;
  readonly end: number;
  /** True for a folio that has to go. */
  readonly isWanted: (node: number) => boolean;
  /** MPOL_MF_* */
  readonly flags: number;
  /** Holes in the range are no error (MPOL_MF_DISCONTIG_OK). */
  readonly allowsHoles: boolean;
  readonly list: FolioList;
}

interface QueueState extends QueueRequest {
  readonly world: World;
  nrFailed: number;
  /** The large folio met last: its further PTEs are no second folio. */
  lastLarge: number;
}

/** True when the pages of the VMA are ordinary memory. */
export function vmaMigratable(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & (VM_IO | VM_PFNMAP)) === 0;
}

/**
 * Queues the wanted folios of a range.
 * @returns the number of pages that could not be queued; -EFAULT for a hole that is not allowed;
 * -EIO for MPOL_MF_STRICT alone when a page is on the wrong node.
 * @kernelpart mm/mempolicy.c queue_pages_range (v7.2) gathers into a list; the moves follow
 */
export function queueFolios(world: World, request: QueueRequest): number {
  const { mm, start, end, flags } = request;
  const state = { ...request, world, nrFailed: 0, lastLarge: 0 };
  const vmas = mm.vmasIn(start, end);
  if (vmas.length === 0) return -EFAULT;
  let expected = start;
  for (const vma of vmas) {
    if (!request.allowsHoles && vma.vmStart > expected) return -EFAULT;
    expected = vma.vmEnd;
    if (!request.allowsHoles && expected < end && mm.vmaAt(expected) === null) return -EFAULT;
    if (!vmaMigratable(vma) && !isStrictlyUnmovable(flags)) continue;
    if ((flags & (ANY_MOVE | MPOL_MF_STRICT)) === 0) continue;
    const to = Math.min(end, vma.vmEnd);
    forEachMappedBlock(mm, Math.max(start, vma.vmStart), to, (from, stop) => {
      queueBlock(state, vma, from, stop);
    });
    if (state.nrFailed > 0 && isStrictlyUnmovable(flags)) return -EIO;
  }
  return state.nrFailed;
}

function isStrictlyUnmovable(flags: number): boolean {
  return (flags & (ANY_MOVE | MPOL_MF_STRICT)) === MPOL_MF_STRICT;
}

/** @kernel mm/mempolicy.c queue_folios_pte_range, queue_folios_pmd (v7.2) */
function queueBlock(state: QueueState, vma: VmAreaStruct, from: number, to: number): void {
  const { world } = state;
  const table = state.mm.pageTable;
  const kind = leafKind(table.slotBits(from));
  if (kind !== LEAF_TABLE) {
    const head = table.slotVal(from);
    if (kind === LEAF_MIGRATION) state.nrFailed++;
    if (kind !== LEAF_PRESENT || head === world.hugeZeroPfn || isZoneDevicePfn(world, head)) return;
    if (state.isWanted(world.frames.nodeOf(head)) && !addFolio(state, vma, head)) state.nrFailed++;
    return;
  }
  world.effort.add(EFFORT_PTE_WALK, to - from);
  let page = from;
  while (page < to) page += queuePte(state, vma, page, to);
}

/** Looks at one entry; returns how many entries are dealt with. */
function queuePte(state: QueueState, vma: VmAreaStruct, page: number, end: number): number {
  const { world } = state;
  const { frames } = world;
  const table = state.mm.pageTable;
  const kind = leafKind(table.bits(page));
  if (kind === LEAF_NONE) return 1;
  if (kind === LEAF_MIGRATION) state.nrFailed++;
  const pfn = table.val(page);
  if (kind !== LEAF_PRESENT || pfn === world.zeroPfn || isZoneDevicePfn(world, pfn)) return 1;
  const head = frames.head(pfn);
  const isLarge = (frames.flags(head) & FRAME_ORDER_MASK) !== 0;
  const nr = isLarge ? madviseFolioPteBatch(world, table, page, end, head) : 1;
  if (!state.isWanted(frames.nodeOf(head))) return nr;
  if (isLarge) {
    if (head === state.lastLarge) return nr;
    state.lastLarge = head;
  }
  if (!addFolio(state, vma, head)) state.nrFailed += nr;
  return nr;
}

/**
 * Queues one folio. A folio that others map too is left alone and does not count as a failure.
 * @returns false when the folio has to stay where it is.
 * @kernel mm/mempolicy.c migrate_folio_add (v7.2)
 */
function addFolio(state: QueueState, vma: VmAreaStruct, head: number): boolean {
  const { world, flags, list } = state;
  if ((flags & ANY_MOVE) === 0 || !vmaMigratable(vma)) return false;
  if ((flags & MPOL_MF_MOVE_ALL) === 0 && folioMaybeMappedShared(world, head)) return true;
  return list.isolate(world, head);
}
