// MADV_GUARD_INSTALL and MADV_GUARD_REMOVE: page-table markers that make every access a SIGSEGV.
// Mirrors mm/madvise.c.
import {
  EFFORT_PTE_SET,
  EINVAL,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  MARKER_GUARD,
  MMU_NOTIFY_CLEAR,
  type TaskStruct,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  VM_SPECIAL,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import type { Verb } from "../verb.ts";
import { zapRange } from "../zap/zap-range.ts";

const ZAP_FOR_GUARD = { evenCows: true, dropMarkers: false, reclaimTables: false };

/**
 * Puts guard markers over `[start, end)` of one VMA; what is mapped there is thrown away first,
 * with a CLEAR event over the whole range. A range without anything mapped raises no event.
 * @returns 0, or -EINVAL for locked, huge or special memory.
 * @kernel mm/madvise.c madvise_guard_install (v7.2)
 */
export function* madviseGuardInstall(
  world: World,
  _task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  if ((vma.vmFlags & (VM_SPECIAL | VM_HUGETLB | VM_LOCKED)) !== 0) return -EINVAL;
  vma.vmFlags |= VM_MAYBE_GUARD;
  if (vma.isAnonymous) anonVmaPrepare(world, vma);
  world.recorder?.note("guard-install", vma.vmMm.mmId, start, end - start);
  while (!installMarkers(world, vma, start, end)) {
    const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, start, end);
    yield* settle(range);
    zapRange(world, vma, start, end, ZAP_FOR_GUARD);
    mmuNotifierInvalidateRangeEnd(range);
    if (installMarkers(world, vma, start, end)) break;
    // Write-protection markers of a file survive the zap; the call restarts until they are gone.
    yield { reason: "userfault", object: vma.uffdCtx };
  }
  return 0;
}

/**
 * Marks pages until one is in the way.
 * @returns true when the whole range is guarded.
 * @kernel mm/madvise.c guard_install_set_pte (v7.2)
 */
function installMarkers(world: World, vma: VmAreaStruct, start: number, end: number): boolean {
  const table = vma.vmMm.pageTable;
  let nrSet = 0;
  let page = start;
  for (; page < end; page++) {
    if (isPmdLeaf(table.slotBits(page))) break;
    const bits = table.bits(page);
    if (bits !== LEAF_NONE && !isGuard(bits, table.val(page))) break;
    if (bits !== LEAF_NONE) continue;
    table.set(page, LEAF_MARKER, MARKER_GUARD);
    nrSet++;
  }
  if (nrSet > 0) world.effort.add(EFFORT_PTE_SET, nrSet);
  return page === end;
}

function isGuard(bits: number, val: number): boolean {
  return leafKind(bits) === LEAF_MARKER && val === MARKER_GUARD;
}

/**
 * Takes the guard markers of `[start, end)` away; everything else stays, but a device-private huge
 * leaf on the way is split.
 * @returns 0, or -EINVAL for huge or special memory.
 * @kernel mm/madvise.c madvise_guard_remove (v7.2)
 */
export function* madviseGuardRemove(
  world: World,
  _task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  if ((vma.vmFlags & (VM_SPECIAL | VM_HUGETLB)) !== 0) return -EINVAL;
  const table = vma.vmMm.pageTable;
  let nrCleared = 0;
  for (let page = start; page < end; ) {
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    const slot = table.slotBits(page);
    // The walk steps over huge pages, but takes apart a leaf it does not know as one.
    if (isPmdLeaf(slot) && leafKind(slot) !== LEAF_PRESENT) {
      splitHugePmd(world, vma, page, true);
    }
    if (leafKind(table.slotBits(page)) !== LEAF_TABLE) {
      page = stop;
      continue;
    }
    for (; page < stop; page++) {
      if (!isGuard(table.bits(page), table.val(page))) continue;
      table.set(page, LEAF_NONE, 0);
      nrCleared++;
    }
  }
  if (nrCleared > 0) world.effort.add(EFFORT_PTE_SET, nrCleared);
  world.recorder?.note("guard-remove", vma.vmMm.mmId, start, nrCleared);
  return 0;
}
