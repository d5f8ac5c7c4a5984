// The OOM reaper: a process that was killed for want of memory loses its private pages before it
// has found the time to exit. It may not block, and so drivers whose notifiers must may refuse.
// Mirrors mm/oom_kill.c.
import {
  EAGAIN,
  MMU_NOTIFY_CLEAR,
  type MmStruct,
  VM_HUGETLB,
  VM_PFNMAP,
  VM_SHARED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStartNonblock,
} from "../notify.ts";
import { ZAP_ALL, zapRange } from "./zap-range.ts";

/**
 * Empties every private mapping whose notifiers can do without blocking. The address space gets no
 * new private pages from then on.
 * @returns 0, or -EAGAIN when a mapping is left: the reaper tries again, ten times in a second.
 * @kernel mm/oom_kill.c __oom_reap_task_mm (v7.2)
 */
export function oomReapTaskMm(world: World, mm: MmStruct): number {
  mm.isUnstable = true;
  let result = 0;
  for (const vma of mm.vmas) {
    if (isReaped(vma) && !zapVmaForReaping(world, vma)) result = -EAGAIN;
  }
  return result;
}

/** Pages of shared memory and of huge files outlive the process: there is nothing to gain. */
function isReaped({ vmFlags, isAnonymous }: VmAreaStruct): boolean {
  if ((vmFlags & (VM_HUGETLB | VM_PFNMAP)) !== 0) return false;
  return isAnonymous || (vmFlags & VM_SHARED) === 0;
}

/**
 * @returns false when a notifier would have to block.
 * @kernel mm/memory.c zap_vma_for_reaping (v7.2)
 */
function zapVmaForReaping(world: World, vma: VmAreaStruct): boolean {
  const { vmMm: mm, vmStart, vmEnd } = vma;
  const range = mmuNotifierInvalidateRangeStartNonblock(
    world,
    mm,
    MMU_NOTIFY_CLEAR,
    vmStart,
    vmEnd,
  );
  if (typeof range === "number") {
    world.recorder?.note("oom-reap-refused", mm.mmId, vmStart, vmEnd - vmStart);
    return false;
  }
  zapRange(world, vma, vmStart, vmEnd, ZAP_ALL);
  mmuNotifierInvalidateRangeEnd(range);
  world.recorder?.note("oom-reaped", mm.mmId, vmStart, vmEnd - vmStart);
  return true;
}
