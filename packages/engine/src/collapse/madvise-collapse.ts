// MADV_COLLAPSE: huge pages now, whatever the settings say. Mirrors mm/khugepaged.c.
import { EINVAL, type TaskStruct, type VmAreaStruct, type World } from "@faultline/core";
import type { Verb } from "../verb.ts";
import { collapseBlock } from "./collapse-block.ts";
import { createCollapseControl } from "./collapse-control.ts";
import { forcedCollapseAllowable, hugepageVmaRevalidate } from "./collapse-vma.ts";
import {
  isHugeAfter,
  isSoftFailure,
  madviseCollapseErrno,
  type ScanResult,
} from "./scan-result.ts";

/**
 * Collapses the whole blocks of `[start, end)`, a part of one VMA. Called without mmap_lock.
 * @returns 0 when every block is huge afterwards, else what the last failure says.
 * @kernel mm/khugepaged.c madvise_collapse (v7.2)
 */
export function* madviseCollapse(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  if (!forcedCollapseAllowable(world, vma)) return -EINVAL;
  const { blockPages } = world;
  const mm = vma.vmMm;
  const table = mm.pageTable;
  const first = table.blockStart(start + blockPages - 1);
  const last = table.blockStart(end);
  const cc = createCollapseControl(world, task, false);
  let nrHuge = 0;
  let failure: ScanResult = "SCAN_FAIL";
  for (let block = first; block < last; block += blockPages) {
    const current = hugepageVmaRevalidate(world, mm, block, cc);
    if (current.vma === null) return madviseCollapseErrno(current.result);
    const result = yield* collapseBlock(world, current.vma, block, cc);
    if (isHugeAfter(result)) {
      nrHuge++;
      continue;
    }
    failure = result;
    if (!isSoftFailure(result)) break;
  }
  const nrBlocks = Math.max(0, last - first) / blockPages;
  return nrHuge === nrBlocks ? 0 : madviseCollapseErrno(failure);
}
