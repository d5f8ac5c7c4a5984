// A write (or unshare) fault on a read-only PMD leaf. Mirrors do_huge_pmd_wp_page of
// mm/huge_memory.c. A shared huge folio is never copied whole: the leaf is split instead.
import {
  EFFORT_TLB_FLUSH,
  FRAME_ANON_EXCLUSIVE,
  FRAME_SWAPCACHE,
  LEAF_DIRTY,
  LEAF_YOUNG,
  MMU_NOTIFY_CLEAR,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioNrPages, folioRefCount } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { folioFreeSwap } from "../swap/swap-cache.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { checkStableAddressSpace } from "./check-stable-address-space.ts";
import { FAULT_FLAG_UNSHARE, VM_FAULT_FALLBACK } from "./fault-flags.ts";
import { handleUserfault, userfaultfdPteWp, userfaultfdWpAsync } from "./handle-userfault.ts";
import { allocNewHugeFolio, mapAnonFolioPmdPf } from "./huge-anonymous-page.ts";
import { maybeMkwrite, setPmdLeaf } from "./set-leaf.ts";
import { flushUpgrade } from "./flush-upgrade.ts";
import { folioMoveAnonRmap } from "./wp-can-reuse.ts";

/**
 * Resolves a write-protect fault on a PMD leaf, or splits it.
 * @returns VM_FAULT_FALLBACK when the fault goes on with the page's PTE.
 * @kernel mm/memory.c wp_huge_pmd (v7.2)
 */
export function wpHugePmd(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  bits: number,
): number {
  const isUnshare = (flags & FAULT_FLAG_UNSHARE) !== 0;
  if (!isUnshare && userfaultfdPteWp(vma, bits)) {
    if (!userfaultfdWpAsync(vma)) return handleUserfault(world, vma, page);
    return splitAndFallBack(world, vma, page);
  }
  const { pageTable, mmId } = vma.vmMm;
  const first = pageTable.blockStart(page);
  const head = pageTable.slotVal(page);
  if (head === world.hugeZeroPfn) {
    const unstable = checkStableAddressSpace(vma.vmMm);
    if (unstable !== 0) return unstable;
    if (doHugeZeroWpPmd(world, task, vma, first)) return 0;
    return splitAndFallBack(world, vma, page);
  }
  if (!world.frames.isAnonExclusive(head)) {
    if (!canReuseHuge(world, head)) return splitAndFallBack(world, vma, page);
    folioMoveAnonRmap(world, head, vma);
    world.frames.addFlags(head, FRAME_ANON_EXCLUSIVE);
  }
  world.recorder?.note("huge-wp-reuse", mmId, first, world.blockPages);
  if (isUnshare) return 0;
  const fresh = bits | LEAF_YOUNG | LEAF_DIRTY | maybeMkwrite(vma);
  setPmdLeaf(world, pageTable, first, fresh, head);
  flushUpgrade(world, vma, world.geometry.pmdOrder);
  return 0;
}

/** True when this PMD leaf is the folio's only user; drops a swap cache nobody needs. */
function canReuseHuge(world: World, head: number): boolean {
  if ((world.frames.flags(head) & FRAME_SWAPCACHE) !== 0) {
    if (folioRefCount(world, head) > 1 + folioNrPages(world, head)) return false;
    if (!folioFreeSwap(world, head)) return false;
  }
  return folioRefCount(world, head) === 1;
}

function splitAndFallBack(world: World, vma: VmAreaStruct, page: number): number {
  const first = vma.vmMm.pageTable.blockStart(page);
  world.recorder?.note("huge-wp-split", vma.vmMm.mmId, first, world.blockPages);
  splitHugePmd(world, vma, page, true);
  return VM_FAULT_FALLBACK;
}

/**
 * Replaces the huge zero folio by a fresh one.
 * @returns false when there is no memory for it.
 * @kernel mm/huge_memory.c do_huge_zero_wp_pmd (v7.2)
 */
function doHugeZeroWpPmd(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  first: number,
): boolean {
  anonVmaPrepare(world, vma);
  const mm = vma.vmMm;
  const head = allocNewHugeFolio(world, task, vma);
  if (head === 0) return false;
  const end = first + world.blockPages;
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, first, end);
  mapAnonFolioPmdPf(world, vma, first, head);
  world.recorder?.note("huge-zero-replaced", mm.mmId, first, world.blockPages);
  world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, mm.cpumask);
  mmuNotifierInvalidateRangeEnd(range);
  return true;
}
