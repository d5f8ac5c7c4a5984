// Taking pages out of sharing again: each one gets a private copy, as an unsharing fault makes it.
// Mirrors mm/ksm.c.
import {
  ENOMEM,
  FRAME_KSM,
  invariant,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  leafKind,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_UNSHARE,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  VM_FAULT_WAIT,
} from "../fault/fault-flags.ts";
import { handleMmFault } from "../fault/handle-mm-fault.ts";
import type { Verb } from "../verb.ts";
import { isKsmZeroLeaf } from "./merge-page.ts";

/** `breakKsm` met a page under migration: `world.pendingWait` says what to wait for. */
const BREAK_KSM_WAIT = 1;

/** True when the page's entry is one that ksmd made: a merged page or its zero page. */
function isKsmEntry(world: World, vma: VmAreaStruct, page: number): boolean {
  const table = vma.vmMm.pageTable;
  const bits = table.bits(page);
  const pfn = table.val(page);
  const kind = leafKind(bits);
  if (kind !== LEAF_PRESENT && kind !== LEAF_MIGRATION) return false;
  return isKsmZeroLeaf(world, bits, pfn) || (world.frames.flags(pfn) & FRAME_KSM) !== 0;
}

/**
 * Gives every merged page of `[start, end)` a copy of its own, readable and exclusive. A merged
 * page in device memory is not seen and stays merged.
 * @returns 0, -ENOMEM, or a positive number when it has to be called again and `world.pendingWait`
 * says what to wait for.
 * @kernel mm/ksm.c break_ksm (v7.2)
 */
export function breakKsm(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): number {
  const table = vma.vmMm.pageTable;
  for (let page = start; page < end; page++) {
    if (table.leafTable(page) === 0) {
      page = table.blockStart(page) + table.blockPages - 1;
      continue;
    }
    while (isKsmEntry(world, vma, page)) {
      const flags = FAULT_FLAG_UNSHARE | FAULT_FLAG_REMOTE;
      const fault = handleMmFault(world, task, vma, page, flags);
      if ((fault & VM_FAULT_WAIT) !== 0) return BREAK_KSM_WAIT;
      // A page that kills its reader stays merged; nobody could use a copy of it.
      if ((fault & VM_FAULT_OOM) !== 0) return -ENOMEM;
      if ((fault & VM_FAULT_ERROR) !== 0) break;
      world.recorder?.note("ksm-break", vma.vmMm.mmId, page, 1);
    }
  }
  return 0;
}

/** `breakKsm` for a caller that can wait. */
export function* breakKsmVerb(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  for (;;) {
    const result = breakKsm(world, task, vma, start, end);
    if (result !== BREAK_KSM_WAIT) return result;
    const wait = world.pendingWait;
    if (wait === null) invariant(false, "a fault waits for nothing");
    world.pendingWait = null;
    yield wait;
  }
}
