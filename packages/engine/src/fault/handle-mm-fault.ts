// The entry of every fault: by CPU, GUP or hmm_range_fault. Mirrors handle_mm_fault of mm/memory.c.
// A fault is restartable: it either finishes, or changes nothing and says what it waits for.
import {
  invariant,
  LEAF_DEVICE_PRIVATE,
  LEAF_DIRTY,
  LEAF_KIND_MASK,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  LEAF_YOUNG,
  PGFAULT,
  type TaskStruct,
  VM_ACCESS_FLAGS,
  VM_HUGETLB,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { thpVmaAllowable } from "../thp/thp-allowable.ts";
import { doAnonymousPage } from "./anonymous-page.ts";
import { devicePrivateFault } from "./device-private-page.ts";
import {
  FAULT_FLAG_UNSHARE,
  FAULT_FLAG_WRITE,
  faultWait,
  VM_FAULT_FALLBACK,
  VM_FAULT_RETRY,
  VM_FAULT_WAIT,
} from "./fault-flags.ts";
import { doFault } from "./file-fault.ts";
import { doHugePmdAnonymousPage } from "./huge-anonymous-page.ts";
import { wpHugePmd } from "./huge-wp-page.ts";
import { hugetlbFault } from "./hugetlb-fault.ts";
import { doHugePmdNumaPage, doNumaPage } from "./numa-page.ts";
import { doSwapPage } from "./swap-page.ts";
import { doWpPage } from "./wp-page.ts";

const WANTS_OWNERSHIP = FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE;

/**
 * Makes one page accessible, or says why that is impossible. The caller has checked that the VMA
 * allows the access. One call may not be enough: a write to a page that first comes back from a
 * device is read-only after the first call and copied by the second.
 * @returns VM_FAULT_* bits; 0 means "try the access again".
 * @kernel mm/memory.c handle_mm_fault (v7.2)
 */
export function handleMmFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  const result = faultOf(world, task, vma, page, flags);
  mmAccountFault(world, result);
  return result;
}

/**
 * A fault that gave up mmap_lock is counted when it is complete. One that has waited for a
 * migration entry is complete: the access faults again.
 * @kernelpart mm/memory.c mm_account_fault (v7.2) the count of all faults
 */
function mmAccountFault(world: World, result: number): void {
  if ((result & VM_FAULT_RETRY) !== 0) return;
  const isWait = (result & VM_FAULT_WAIT) !== 0;
  if (!isWait || world.pendingWait?.reason === "migration-entry") world.vmEvents.count(PGFAULT);
}

function faultOf(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  if ((vma.vmFlags & VM_HUGETLB) !== 0) return hugetlbFault(world, task, vma, page, flags);
  const { pageTable } = vma.vmMm;
  let table = pageTable.leafTable(page);
  if (table === 0) {
    const result = handlePmdFault(world, task, vma, page, flags);
    if ((result & VM_FAULT_FALLBACK) === 0) return result;
    table = pageTable.leafTable(page);
  }
  return handlePteFault(world, task, vma, page, flags, table);
}

/**
 * A fault where no PTE table is.
 * @returns VM_FAULT_FALLBACK when the page's PTE must decide.
 * @kernel mm/memory.c __handle_mm_fault (v7.2)
 */
function handlePmdFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  const { pageTable } = vma.vmMm;
  const bits = pageTable.slotBits(page);
  switch (bits & LEAF_KIND_MASK) {
    case LEAF_NONE:
      if (!thpVmaAllowable(world, vma, page)) return VM_FAULT_FALLBACK;
      return doHugePmdAnonymousPage(world, task, vma, page, flags);
    case LEAF_PRESENT:
      if ((bits & LEAF_PROTNONE) !== 0 && (vma.vmFlags & VM_ACCESS_FLAGS) !== 0) {
        return doHugePmdNumaPage(world, task, vma, page, bits);
      }
      if ((flags & WANTS_OWNERSHIP) !== 0 && (bits & LEAF_WRITE) === 0) {
        return wpHugePmd(world, task, vma, page, flags, bits);
      }
      pageTable.setSlot(page, bits | touchedBits(flags), pageTable.slotVal(page));
      return 0;
    case LEAF_MIGRATION:
      return faultWait(world, "migration-entry", pageTable.slotVal(page));
    case LEAF_DEVICE_PRIVATE:
      return devicePrivateFault(world, task, vma, page, flags, pageTable.slotVal(page), true);
    default:
      return invariant(false, `slot ${bits} of page ${page} cannot fault`) as never;
  }
}

/** @kernel mm/memory.c handle_pte_fault (v7.2) */
function handlePteFault(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
  table: number,
): number {
  if (table === 0) return doPteMissing(world, task, vma, page, flags);
  const chunk = world.tables.chunkOf(table);
  const i = world.tables.baseOf(table) + vma.vmMm.pageTable.indexInBlock(page);
  const bits = chunk.bits[i] as number;
  if (bits === LEAF_NONE) return doPteMissing(world, task, vma, page, flags);
  if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) {
    return doSwapPage(world, task, vma, page, flags, bits);
  }
  if ((bits & LEAF_PROTNONE) !== 0 && (vma.vmFlags & VM_ACCESS_FLAGS) !== 0) {
    return doNumaPage(world, task, vma, page, bits);
  }
  if ((flags & WANTS_OWNERSHIP) !== 0 && (bits & LEAF_WRITE) === 0) {
    return doWpPage(world, task, vma, page, flags, table, bits, chunk.val[i] as number);
  }
  const index = vma.vmMm.pageTable.indexInBlock(page);
  world.tables.setBits(table, index, bits | touchedBits(flags));
  return 0;
}

/** @kernel mm/memory.c do_pte_missing (v7.2) */
function doPteMissing(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  if (vma.vmFile !== null) return doFault(world, task, vma, page, flags, false);
  return doAnonymousPage(world, task, vma, page, flags, false);
}

function touchedBits(flags: number): number {
  return (flags & FAULT_FLAG_WRITE) === 0 ? LEAF_YOUNG : LEAF_YOUNG | LEAF_DIRTY;
}
