// One load or store of a CPU: what the hardware checks, and the fault loop around handle_mm_fault.
// Mirrors do_user_addr_fault of arch/x86/mm/fault.c. Signals are return values.
import {
  checkWholeNumber,
  EFFORT_FAULT_ENTRY,
  LEAF_DIRTY,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  LEAF_YOUNG,
  type MmStruct,
  type TaskStruct,
  VM_ACCESS_FLAGS,
  VM_WRITE,
  type World,
} from "@faultline/core";
import {
  FAULT_FLAG_USER,
  FAULT_FLAG_WRITE,
  noteFruitless,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  VM_FAULT_SIGSEGV,
  VM_FAULT_WAIT,
} from "./fault-flags.ts";
import { handleMmFault } from "./handle-mm-fault.ts";

/** SIGSEGV with SEGV_MAPERR: nothing is mapped there. */
export const ACCESS_SEGV_MAPERR = 1;
/** SIGSEGV with SEGV_ACCERR: the mapping forbids the access. */
export const ACCESS_SEGV_ACCERR = 2;
/** SIGBUS: what is mapped cannot be had. */
export const ACCESS_SIGBUS = 3;
/** The access waits for `world.pendingWait` and is made again later. */
export const ACCESS_WAIT = 4;

/** Answers of `cpuAccess`: 0, or one of ACCESS_*. */
export type AccessResult = number;

/**
 * An access that a CPU repeats this often without getting through waits for somebody else: a driver
 * whose migration keeps failing, or memory that nobody has.
 */
const PATIENCE = 16;

/**
 * Reads or writes one page as the task's CPU would, faulting as often as needed.
 * @returns 0 once the page may be read (or written), else why not.
 */
export function cpuAccess(
  world: World,
  task: TaskStruct,
  page: number,
  isWrite: boolean,
): AccessResult {
  const { mm } = task;
  mm.cpumask |= 1 << (task.cpu & 31);
  for (let attempt = 0; attempt <= PATIENCE; attempt++) {
    const vma = mm.vmaAt(page);
    if (vma === null) return ACCESS_SEGV_MAPERR;
    const needed = isWrite ? VM_WRITE : VM_ACCESS_FLAGS;
    if ((vma.vmFlags & needed) === 0) return ACCESS_SEGV_ACCERR;
    if (hardwareAllows(world, mm, page, isWrite)) return 0;
    if (attempt === 0) checkWholeNumber(page, "page");
    world.effort.add(EFFORT_FAULT_ENTRY, 1);
    const flags = isWrite ? FAULT_FLAG_USER | FAULT_FLAG_WRITE : FAULT_FLAG_USER;
    const result = handleMmFault(world, task, vma, page, flags);
    if (result === 0) continue;
    if ((result & VM_FAULT_WAIT) !== 0) return ACCESS_WAIT;
    // An allocation that failed leaks out to the exception, which simply tries again.
    if ((result & VM_FAULT_ERROR & ~VM_FAULT_OOM) === 0) continue;
    return (result & VM_FAULT_SIGSEGV) !== 0 ? ACCESS_SEGV_MAPERR : ACCESS_SIGBUS;
  }
  noteFruitless(world, "allocation", page);
  return ACCESS_WAIT;
}

/** The page-table walk of the hardware: checks the rights and marks the entry used. */
function hardwareAllows(world: World, mm: MmStruct, page: number, isWrite: boolean): boolean {
  const { pageTable } = mm;
  const table = pageTable.leafTable(page);
  const needed = isWrite ? LEAF_PRESENT | LEAF_WRITE : LEAF_PRESENT;
  const checked = LEAF_KIND_MASK | LEAF_PROTNONE | (isWrite ? LEAF_WRITE : 0);
  const used = isWrite ? LEAF_YOUNG | LEAF_DIRTY : LEAF_YOUNG;
  if (table === 0) {
    const slot = pageTable.slotBits(page);
    if ((slot & checked) !== needed) return false;
    if ((slot & used) !== used) pageTable.setSlot(page, slot | used, pageTable.slotVal(page));
    return true;
  }
  const index = pageTable.indexInBlock(page);
  const bits = world.tables.bits(table, index);
  if ((bits & checked) !== needed) return false;
  if ((bits & used) !== used) world.tables.setBits(table, index, bits | used);
  return true;
}
