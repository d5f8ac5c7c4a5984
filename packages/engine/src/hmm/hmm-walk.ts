// The walk behind hmm_range_fault(): gaps, VMAs, PMD slots. Mirrors mm/hmm.c and the part of
// mm/pagewalk.c that cuts a range at VMA and block boundaries. PUD leaves are left out.
import {
  EFAULT,
  EFFORT_PTE_WALK,
  leafKind,
  LEAF_DEVICE_PRIVATE,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_WRITE,
  VM_HUGETLB,
  VM_IO,
  VM_PFNMAP,
  VM_READ,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { hmmFill, hmmFillFrames } from "./hmm-fill.ts";
import { HMM_PFN_ERROR, HMM_PFN_ORDER_SHIFT, HMM_PFN_VALID, HMM_PFN_WRITE } from "./hmm-pfn.ts";
import type { HmmRange } from "./hmm-range.ts";
import { HMM_NEED_WRITE_FAULT, hmmPteNeedFault, hmmRangeNeedFault } from "./hmm-requirement.ts";
import { HMM_WALK_FAULT, HMM_WALK_OK, HMM_WALK_WAIT } from "./hmm-walk-result.ts";
import { hmmWalkTable } from "./hmm-walk-table.ts";
import { reportedBlockPfn } from "./private-page.ts";

/** Walks from the range's position to its end, or to the first page that needs something. */
export function hmmWalk(world: World, range: HmmRange): number {
  const { mm, end } = range;
  while (range.position < end) {
    const page = range.position;
    const vma = mm.vmas[mm.indexAtOrAfter(page)];
    const isGap = vma === undefined || vma.vmStart > page;
    const boundary = vma === undefined ? end : isGap ? vma.vmStart : vma.vmEnd;
    const to = Math.min(end, boundary);
    const result =
      isGap || !hmmVmaIsWalkable(vma)
        ? walkUnreadable(range, page, to)
        : walkVma(world, range, vma, page, to);
    if (result !== HMM_WALK_OK) return result;
    range.position = to;
  }
  return HMM_WALK_OK;
}

/** @kernel mm/hmm.c hmm_vma_walk_test (v7.2) */
function hmmVmaIsWalkable(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & (VM_READ | VM_IO | VM_PFNMAP)) === VM_READ;
}

/** A gap or a mapping that devices must not read: an error unless nobody asked for it. */
function walkUnreadable(range: HmmRange, from: number, to: number): number {
  if (hmmRangeNeedFault(range, from, to, 0) !== 0) return -EFAULT;
  hmmFill(range, from, to, HMM_PFN_ERROR);
  return HMM_WALK_OK;
}

function walkVma(
  world: World,
  range: HmmRange,
  vma: VmAreaStruct,
  from: number,
  to: number,
): number {
  const { pageTable } = range.mm;
  const isHugetlb = (vma.vmFlags & VM_HUGETLB) !== 0;
  for (let page = from; page < to; ) {
    const span = pageTable.hasPmdTable(page) ? pageTable.blockPages : pageTable.pmdTableSpan();
    const next = Math.min(to, page - (page % span) + span);
    let result: number;
    if (span !== pageTable.blockPages) result = walkHole(range, page, next);
    else if (isHugetlb) result = walkHugetlbEntry(world, range, page, next);
    else result = walkSlot(world, range, page, next);
    if (result !== HMM_WALK_OK) return result;
    page = next;
  }
  return HMM_WALK_OK;
}

/** @kernel mm/hmm.c hmm_vma_walk_hole (v7.2) */
function walkHole(range: HmmRange, from: number, to: number): number {
  const need = hmmRangeNeedFault(range, from, to, 0);
  if (need !== 0) return faultSpan(range, from, to, need);
  hmmFill(range, from, to, 0);
  return HMM_WALK_OK;
}

/** @kernel mm/hmm.c hmm_vma_walk_pmd (v7.2) */
function walkSlot(world: World, range: HmmRange, from: number, to: number): number {
  const { pageTable } = range.mm;
  const bits = pageTable.slotBits(from);
  switch (leafKind(bits)) {
    case LEAF_TABLE:
      return hmmWalkTable(world, range, pageTable.slotVal(from), from, to);
    case LEAF_NONE:
      return walkHole(range, from, to);
    case LEAF_PRESENT:
      return walkPresentPmd(world, range, from, to, bits);
    case LEAF_DEVICE_PRIVATE:
      return walkDevicePrivatePmd(world, range, from, to, bits);
    case LEAF_MIGRATION:
      if (hmmRangeNeedFault(range, from, to, 0) === 0) {
        hmmFill(range, from, to, 0);
        return HMM_WALK_OK;
      }
      range.position = from;
      world.pendingWait = { reason: "migration-entry", object: pageTable.slotVal(from) };
      return HMM_WALK_WAIT;
    default:
      return walkUnreadable(range, from, to);
  }
}

/** @kernel mm/hmm.c hmm_vma_handle_pmd (v7.2) */
function walkPresentPmd(
  world: World,
  range: HmmRange,
  from: number,
  to: number,
  bits: number,
): number {
  world.effort.add(EFFORT_PTE_WALK, 1);
  const offered = (bits & LEAF_PROTNONE) === 0 ? leafFlags(bits) : 0;
  const need = hmmRangeNeedFault(range, from, to, offered);
  if (need !== 0) return faultSpan(range, from, to, need);
  if (offered === 0) {
    hmmFill(range, from, to, 0);
    return HMM_WALK_OK;
  }
  const { pageTable } = range.mm;
  const pfn = pageTable.slotVal(from) + pageTable.indexInBlock(from);
  hmmFillFrames(range, from, to, offered | pmdOrderFlags(world), pfn);
  return HMM_WALK_OK;
}

/**
 * The owner's own folio is reported as it is; a foreign one is an error that a fault can cure.
 * @kernel mm/hmm.c hmm_vma_handle_absent_pmd (v7.2)
 */
function walkDevicePrivatePmd(
  world: World,
  range: HmmRange,
  from: number,
  to: number,
  bits: number,
): number {
  world.effort.add(EFFORT_PTE_WALK, 1);
  const { pageTable } = range.mm;
  const head = pageTable.slotVal(from);
  const reported = reportedBlockPfn(world, range, head, from, to);
  if (reported > 0) {
    const hasDefect = world.kernel.defects.absentPmdFrameOffset;
    const pfn = hasDefect ? reported : reported + pageTable.indexInBlock(from);
    hmmFillFrames(range, from, to, leafFlags(bits) | pmdOrderFlags(world), pfn);
    return HMM_WALK_OK;
  }
  const need = hmmRangeNeedFault(range, from, to, 0);
  if (need !== 0) return faultSpan(range, from, to, need);
  hmmFill(range, from, to, HMM_PFN_ERROR);
  return HMM_WALK_OK;
}

/**
 * One huge page decides for all its pages, and an absent one still reports its size.
 * @kernel mm/hmm.c hmm_vma_walk_hugetlb_entry (v7.2)
 */
function walkHugetlbEntry(world: World, range: HmmRange, from: number, to: number): number {
  const { pageTable } = range.mm;
  const bits = pageTable.slotBits(from);
  const isPresent = leafKind(bits) === LEAF_PRESENT && (bits & LEAF_PROTNONE) === 0;
  const offered = isPresent ? leafFlags(bits) : 0;
  const input = range.flags[from - range.start] as number;
  const request = (input & range.pfnFlagsMask) | range.defaultFlags;
  const need = hmmPteNeedFault(request, offered);
  if (need !== 0) return faultSpan(range, from, to, need);
  const flags = offered | pmdOrderFlags(world);
  if (!isPresent) {
    hmmFill(range, from, to, flags);
    return HMM_WALK_OK;
  }
  const pfn = pageTable.slotVal(from) + pageTable.indexInBlock(from);
  hmmFillFrames(range, from, to, flags, pfn);
  return HMM_WALK_OK;
}

function leafFlags(bits: number): number {
  return (bits & LEAF_WRITE) === 0 ? HMM_PFN_VALID : HMM_PFN_VALID | HMM_PFN_WRITE;
}

function pmdOrderFlags(world: World): number {
  return world.geometry.pmdOrder << HMM_PFN_ORDER_SHIFT;
}

function faultSpan(range: HmmRange, from: number, to: number, need: number): number {
  range.position = from;
  range.faultPage = from;
  range.faultEnd = to;
  range.isWriteFault = (need & HMM_NEED_WRITE_FAULT) !== 0;
  return HMM_WALK_FAULT;
}
