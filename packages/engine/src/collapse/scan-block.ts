// The two looks at a block's entries: the first scan, which changes nothing, and the check once the
// table is out of reach of everybody else. Both count against the same limits in entry order.
// Mirrors mm/khugepaged.c. LRU state is left out: every page counts as being on a list.
import {
  EFFORT_PTE_WALK,
  FRAME_LOCKED,
  FRAME_REFERENCED,
  FRAME_SWAPBACKED,
  LEAF_DIRTY,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_UFFD_WP,
  LEAF_YOUNG,
  LEAF_MARKER,
  leafKind,
  MARKER_UFFD_WP,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioIsAnon, folioMaybeMappedShared, isZoneDevicePfn } from "../folio/folio-count.ts";
import { cacheRefs } from "../thp/split-folio.ts";
import type { CollapseControl } from "./collapse-control.ts";
import type { ScanResult } from "./scan-result.ts";

/** What was counted while looking at a block. */
interface Tally {
  none: number;
  nonPresent: number;
  shared: number;
  young: number;
}

/** The outcome of the first scan. */
export interface FirstScan {
  readonly result: ScanResult;
  /** Entries that must be faulted in before the block can be copied. */
  readonly nrNonPresent: number;
}

/**
 * Looks at every entry of a block and decides whether a collapse is worth trying. Changes nothing
 * but the control's node counts.
 * @kernelpart mm/khugepaged.c collapse_scan_pmd (v7.2) the scan alone; collapseBlock does what
 * follows it
 */
export function scanBlock(
  world: World,
  vma: VmAreaStruct,
  block: number,
  cc: CollapseControl,
): FirstScan {
  const table = vma.vmMm.pageTable;
  const tally: Tally = { none: 0, nonPresent: 0, shared: 0, young: 0 };
  cc.nodeLoad.fill(0);
  for (let page = block; page < block + world.blockPages; page++) {
    const bits = table.bits(page);
    const pfn = table.val(page);
    const result = isEmptyLeaf(world, bits, pfn)
      ? countNone(vma, cc, tally)
      : leafKind(bits) === LEAF_PRESENT
        ? countPresent(world, cc, tally, bits, pfn)
        : countNonPresent(cc, tally, bits, pfn);
    if (result === "SCAN_SUCCEED") continue;
    world.effort.add(EFFORT_PTE_WALK, page - block + 1);
    return { result, nrNonPresent: tally.nonPresent };
  }
  world.effort.add(EFFORT_PTE_WALK, world.blockPages);
  const isOld = tally.young === 0 || (tally.nonPresent > 0 && tally.young < world.blockPages / 2);
  const result = cc.isKhugepaged && isOld ? "SCAN_LACK_REFERENCED_PAGE" : "SCAN_SUCCEED";
  return { result, nrNonPresent: tally.nonPresent };
}

/**
 * The last check before pages are copied. Nothing may be missing any more, and no small folio may
 * occur twice: its first occurrence holds the folio lock.
 * @kernel mm/khugepaged.c __collapse_huge_page_isolate (v7.2)
 */
export function collapseHugePageIsolate(
  world: World,
  vma: VmAreaStruct,
  block: number,
  cc: CollapseControl,
): ScanResult {
  const table = vma.vmMm.pageTable;
  const tally: Tally = { none: 0, nonPresent: 0, shared: 0, young: 0 };
  const locked = new Set<number>();
  for (let page = block; page < block + world.blockPages; page++) {
    const bits = table.bits(page);
    const pfn = table.val(page);
    if (isEmptyLeaf(world, bits, pfn)) {
      const result = countNone(vma, cc, tally);
      if (result !== "SCAN_SUCCEED") return result;
      continue;
    }
    if (leafKind(bits) !== LEAF_PRESENT) return "SCAN_PTE_NON_PRESENT";
    const result = checkSource(world, cc, tally, bits, pfn);
    if (result !== "SCAN_SUCCEED") return result;
    const head = world.frames.head(pfn);
    if (world.frames.order(pfn) === 0 && locked.has(head)) return "SCAN_PAGE_LOCK";
    if (!locked.has(head)) {
      const isFree = checkReferences(world, head);
      if (isFree !== "SCAN_SUCCEED") return isFree;
      locked.add(head);
    }
    countYoung(world, tally, bits, head);
  }
  if (cc.isKhugepaged && tally.young === 0) return "SCAN_LACK_REFERENCED_PAGE";
  return "SCAN_SUCCEED";
}

/** True for entries that become zeros: nothing there, or the shared zero page. */
export function isEmptyLeaf(world: World, bits: number, pfn: number): boolean {
  const kind = leafKind(bits);
  return kind === LEAF_NONE || (kind === LEAF_PRESENT && pfn === world.zeroPfn);
}

/** A VMA with a userfaultfd must not have its holes filled behind the monitor's back. */
function countNone(vma: VmAreaStruct, cc: CollapseControl, tally: Tally): ScanResult {
  tally.none++;
  const isArmed = (vma.vmFlags & (VM_UFFD_MISSING | VM_UFFD_WP)) !== 0;
  return isArmed || tally.none > cc.maxPtesNone ? "SCAN_EXCEED_NONE_PTE" : "SCAN_SUCCEED";
}

function countNonPresent(cc: CollapseControl, tally: Tally, bits: number, val: number): ScanResult {
  tally.nonPresent++;
  if (tally.nonPresent > cc.maxPtesSwap) return "SCAN_EXCEED_SWAP_PTE";
  const isWpMarker = leafKind(bits) === LEAF_MARKER && val === MARKER_UFFD_WP;
  return isWpMarker || (bits & LEAF_UFFD_WP) !== 0 ? "SCAN_PTE_UFFD_WP" : "SCAN_SUCCEED";
}

function countPresent(
  world: World,
  cc: CollapseControl,
  tally: Tally,
  bits: number,
  pfn: number,
): ScanResult {
  const result = checkSource(world, cc, tally, bits, pfn);
  if (result !== "SCAN_SUCCEED") return result;
  const head = world.frames.head(pfn);
  const node = world.frames.nodeOf(pfn);
  cc.nodeLoad[node] = (cc.nodeLoad[node] as number) + 1;
  countYoung(world, tally, bits, head);
  return checkReferences(world, head);
}

/** Whether a present page may be copied at all, and the limit on shared ones. */
function checkSource(
  world: World,
  cc: CollapseControl,
  tally: Tally,
  bits: number,
  pfn: number,
): ScanResult {
  if ((bits & LEAF_UFFD_WP) !== 0) return "SCAN_PTE_UFFD_WP";
  if (isZoneDevicePfn(world, pfn)) return "SCAN_PAGE_NULL";
  const head = world.frames.head(pfn);
  if (!folioIsAnon(world, head)) return "SCAN_PAGE_ANON";
  const isLazyFree =
    (world.frames.flags(head) & FRAME_SWAPBACKED) === 0 && (bits & LEAF_DIRTY) === 0;
  if (cc.isKhugepaged && isLazyFree) return "SCAN_PAGE_LAZYFREE";
  if (folioMaybeMappedShared(world, head)) {
    tally.shared++;
    if (tally.shared > cc.maxPtesShared) return "SCAN_EXCEED_SHARED_PTE";
  }
  return "SCAN_SUCCEED";
}

/** A folio somebody works on or holds must stay where it is. */
function checkReferences(world: World, head: number): ScanResult {
  if ((world.frames.flags(head) & FRAME_LOCKED) !== 0) return "SCAN_PAGE_LOCK";
  const isHeld = world.frames.extraRefs(head) !== cacheRefs(world, head);
  return isHeld ? "SCAN_PAGE_COUNT" : "SCAN_SUCCEED";
}

function countYoung(world: World, tally: Tally, bits: number, head: number): void {
  const isReferenced = (world.frames.flags(head) & FRAME_REFERENCED) !== 0;
  if ((bits & LEAF_YOUNG) !== 0 || isReferenced) tally.young++;
}
