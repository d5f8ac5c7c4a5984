// Faults on hugetlb memory: one huge folio for each block, mapped by a PMD leaf, never split.
// Mirrors mm/hugetlb.c. Pool reservations are left out: a folio comes from the buddy allocator.
import {
  EFFORT_TLB_FLUSH,
  FRAME_ANON_EXCLUSIVE,
  LEAF_DIRTY,
  LEAF_KIND_MASK,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_WRITE,
  LEAF_YOUNG,
  MMU_NOTIFY_CLEAR,
  type TaskStruct,
  VM_SHARED,
  VM_UFFD_MISSING,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { filemapAddFolio, filemapGetPage } from "../file/filemap.ts";
import {
  allocFolioFor,
  copyFolioContent,
  folioReleaseIfUnused,
  zeroFolio,
} from "../folio/folio-alloc.ts";
import { folioIsAnon, folioMapcount, largeRecord } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { folioAddNewAnonRmap, folioDupRmapPmd, folioRemoveRmapPmd } from "../rmap/add-remove.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { FAULT_FLAG_UNSHARE, FAULT_FLAG_WRITE, faultWait, VM_FAULT_SIGBUS } from "./fault-flags.ts";
import { handleUserfault } from "./handle-userfault.ts";
import { maybeMkwrite, setPmdLeaf } from "./set-leaf.ts";
import { flushUpgrade } from "./flush-upgrade.ts";
import { folioMoveAnonRmap } from "./wp-can-reuse.ts";

/**
 * Makes one hugetlb page accessible.
 * @kernel mm/hugetlb.c hugetlb_fault (v7.2)
 */
export function hugetlbFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  const { pageTable } = vma.vmMm;
  const first = pageTable.blockStart(page);
  const bits = pageTable.slotBits(first);
  const kind = bits & LEAF_KIND_MASK;
  if (kind === LEAF_MIGRATION) {
    return faultWait(world, "migration-entry", pageTable.slotVal(first));
  }
  if (kind === LEAF_NONE) return hugetlbNoPage(world, task, vma, first, flags);
  const wantsOwnership = (flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE)) !== 0;
  if (wantsOwnership && (bits & LEAF_WRITE) === 0) {
    return hugetlbWp(world, task, vma, first, flags);
  }
  pageTable.setSlot(first, bits | LEAF_YOUNG, pageTable.slotVal(first));
  return 0;
}

/** @kernel mm/hugetlb.c hugetlb_no_page (v7.2) */
function hugetlbNoPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  first: number,
  flags: number,
): number {
  const file = vma.vmFile;
  const isShared = (vma.vmFlags & VM_SHARED) !== 0;
  const index = vma.indexOf(first);
  if (file !== null && index >= file.nrPages) return VM_FAULT_SIGBUS;
  const cached = file === null ? 0 : filemapGetPage(world, file, index);
  if (cached === 0 && (vma.vmFlags & VM_UFFD_MISSING) !== 0) {
    return handleUserfault(world, vma, first);
  }
  const head = cached === 0 ? newHugetlbFolio(world, task, vma) : cached;
  if (head === 0) return VM_FAULT_SIGBUS;
  if (cached === 0 && isShared && file !== null) filemapAddFolio(world, file, index, head);
  world.recorder?.note("hugetlb-page", vma.vmMm.mmId, first, world.blockPages);
  if (cached === 0 && !isShared) {
    anonVmaPrepare(world, vma);
    folioAddNewAnonRmap(world, head, vma, first);
  } else {
    folioDupRmapPmd(world, head, vma.vmMm);
  }
  const right = isShared ? maybeMkwrite(vma) : 0;
  const isWrite = (flags & FAULT_FLAG_WRITE) !== 0;
  const dirty = isWrite ? LEAF_DIRTY : 0;
  setPmdLeaf(world, vma.vmMm.pageTable, first, LEAF_PRESENT | LEAF_YOUNG | dirty | right, head);
  return isWrite && !isShared ? hugetlbWp(world, task, vma, first, flags) : 0;
}

/** A zeroed hugetlb folio for the VMA; 0 when no memory is left. */
export function newHugetlbFolio(world: World, task: TaskStruct, vma: VmAreaStruct): number {
  const head = allocFolioFor(world, task, vma, world.geometry.pmdOrder);
  if (head === 0) return 0;
  zeroFolio(world, head);
  world.largeFolios.hugetlb[largeRecord(world, head)] = 1;
  return head;
}

/**
 * A write to a read-only hugetlb page: taken over when it has one mapping, else copied whole.
 * @kernel mm/hugetlb.c hugetlb_wp (v7.2)
 */
function hugetlbWp(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  first: number,
  flags: number,
): number {
  const mm = vma.vmMm;
  const head = mm.pageTable.slotVal(first);
  const isUnshare = (flags & FAULT_FLAG_UNSHARE) !== 0;
  const old = mm.pageTable.slotBits(first);
  const right = isUnshare ? 0 : maybeMkwrite(vma) | LEAF_DIRTY;
  if ((vma.vmFlags & VM_SHARED) !== 0) {
    setPmdLeaf(world, mm.pageTable, first, old | right, head);
    if (!isUnshare) flushUpgrade(world, vma, world.geometry.pmdOrder);
    return 0;
  }
  if (folioIsAnon(world, head) && folioMapcount(world, head) === 1) {
    if (!world.frames.isAnonExclusive(head)) {
      folioMoveAnonRmap(world, head, vma);
      world.frames.addFlags(head, FRAME_ANON_EXCLUSIVE);
    }
    setPmdLeaf(world, mm.pageTable, first, old | right, head);
    if (!isUnshare) flushUpgrade(world, vma, world.geometry.pmdOrder);
    return 0;
  }
  anonVmaPrepare(world, vma);
  const copy = newHugetlbFolio(world, task, vma);
  if (copy === 0) return VM_FAULT_SIGBUS;
  copyFolioContent(world, copy, head);
  const end = first + world.blockPages;
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_CLEAR, first, end);
  folioRemoveRmapPmd(world, head, mm);
  folioAddNewAnonRmap(world, copy, vma, first);
  setPmdLeaf(world, mm.pageTable, first, LEAF_PRESENT | LEAF_YOUNG | right, copy);
  world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, mm.cpumask);
  folioReleaseIfUnused(world, head);
  mmuNotifierInvalidateRangeEnd(range);
  return 0;
}
