// MADV_DONTNEED and MADV_DONTNEED_LOCKED. Mirrors mm/madvise.c madvise_dontneed_single_vma.
import {
  EINVAL,
  MMU_NOTIFY_CLEAR,
  VM_HUGETLB,
  VM_LOCKED,
  VM_PFNMAP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import type { Verb } from "../verb.ts";
import { ZAP_DONTNEED, zapRange } from "../zap/zap-range.ts";

/**
 * Drops the pages of the part `[start, end)` of one VMA; a page table that is covered whole and
 * left empty goes too.
 * @param isLockedToo takes locked memory as well, as MADV_DONTNEED_LOCKED does.
 * @returns 0, or -EINVAL for locked memory, raw frames and parts of huge folios.
 * @kernel mm/madvise.c madvise_dontneed_single_vma (v7.2)
 */
export function* madviseDontneedSingleVma(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  isLockedToo: boolean,
): Verb {
  const forbidden = isLockedToo ? VM_PFNMAP : VM_PFNMAP | VM_LOCKED;
  let stop = end;
  if ((vma.vmFlags & VM_HUGETLB) !== 0) {
    if (start % world.blockPages !== 0) return -EINVAL;
    stop -= stop % world.blockPages;
  } else if ((vma.vmFlags & forbidden) !== 0) {
    return -EINVAL;
  }
  if (stop <= start) return 0;
  const range = mmuNotifierInvalidateRangeStart(world, vma.vmMm, MMU_NOTIFY_CLEAR, start, stop);
  yield* settle(range);
  zapRange(world, vma, start, stop, ZAP_DONTNEED);
  mmuNotifierInvalidateRangeEnd(range);
  world.recorder?.note("madvise-dontneed", vma.vmMm.mmId, start, stop - start);
  return 0;
}
