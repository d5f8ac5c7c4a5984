// Unmapping a range of an address space. Mirrors mm/vma.c do_vmi_align_munmap.
import { MMU_NOTIFY_UNMAP, type MmStruct, type VmAreaStruct, type World } from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import type { Verb } from "../verb.ts";
import { freePageTables } from "../zap/free-page-tables.ts";
import { ZAP_ALL, zapRange } from "../zap/zap-range.ts";
import { splitVma } from "./split-vma.ts";
import { removeVma } from "./vma-range.ts";

/** Past every page number. */
const CEILING = 2 ** 52;

/**
 * Unmaps `[start, end)`: VMAs that reach over an end are split there, then pages, VMAs and page
 * tables go. The caller holds mmap_lock for writing.
 * @returns 0, or -EINVAL when a VMA cannot be split there.
 * @kernel mm/mmap.c do_munmap (v7.2)
 */
export function* doMunmap(world: World, mm: MmStruct, start: number, end: number): Verb {
  const rc = isolateRange(world, mm, start, end);
  if (rc !== 0) return rc;
  const vmas = mm.vmasIn(start, end);
  if (vmas.length === 0) return 0;
  const at = mm.vmas.indexOf(vmas[0] as VmAreaStruct);
  const floor = mm.vmas[at - 1]?.vmEnd ?? 0;
  const ceiling = mm.vmas[at + vmas.length]?.vmStart ?? CEILING;
  for (const vma of vmas) mm.removeVma(vma);
  const range = mmuNotifierInvalidateRangeStart(world, mm, MMU_NOTIFY_UNMAP, start, end);
  yield* settle(range);
  for (const vma of vmas) zapRange(world, vma, vma.vmStart, vma.vmEnd, ZAP_ALL);
  mmuNotifierInvalidateRangeEnd(range);
  for (const vma of vmas) removeVma(world, vma);
  freeTablesOf(world, mm, vmas, floor, ceiling);
  world.recorder?.note("munmap", mm.mmId, start, end - start);
  return 0;
}

/** @kernel mm/vma.c vms_gather_munmap_vmas (v7.2) */
function isolateRange(world: World, mm: MmStruct, start: number, end: number): number {
  const first = mm.vmaAt(start);
  if (first !== null && first.vmStart < start) {
    const rc = splitVma(world, first, start, true);
    if (rc !== 0) return rc;
  }
  const last = mm.vmaAt(end - 1);
  return last !== null && last.vmEnd > end ? splitVma(world, last, end, false) : 0;
}

/**
 * VMAs less than a block apart share a table, so such a group is freed at once.
 * @kernel mm/memory.c free_pgtables (v7.2)
 */
function freeTablesOf(
  world: World,
  mm: MmStruct,
  vmas: readonly VmAreaStruct[],
  floor: number,
  ceiling: number,
): void {
  let first = 0;
  for (let i = 0; i < vmas.length; i++) {
    const vma = vmas[i] as VmAreaStruct;
    const next = vmas[i + 1];
    if (next !== undefined && next.vmStart <= vma.vmEnd + world.blockPages) continue;
    const { vmStart } = vmas[first] as VmAreaStruct;
    freePageTables(mm, vmStart, vma.vmEnd, floor, next?.vmStart ?? ceiling);
    first = i + 1;
  }
}
