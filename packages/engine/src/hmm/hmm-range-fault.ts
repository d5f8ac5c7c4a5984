// hmm_range_fault(): what the CPU's page tables say about a range, after faulting in what the
// caller asks for. Mirrors mm/hmm.c. Restartable: a walk that has to wait goes on where it stood.
import {
  EBUSY,
  EFAULT,
  EINVAL,
  EPERM,
  mmuIntervalReadRetry,
  type TaskStruct,
  VM_WRITE,
  type World,
} from "@faultline/core";
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_WRITE,
  noteFruitless,
  VM_FAULT_ERROR,
  VM_FAULT_RETRY,
  VM_FAULT_WAIT,
} from "../fault/fault-flags.ts";
import { handleMmFault } from "../fault/handle-mm-fault.ts";
import type { HmmRange } from "./hmm-range.ts";
import { hmmWalk } from "./hmm-walk.ts";
import { HMM_WALK_FAULT, HMM_WALK_OK, HMM_WALK_WAIT } from "./hmm-walk-result.ts";

/** Result of hmmRangeFault: call again once `world.pendingWait` is over. */
export const HMM_WAIT: number = HMM_WALK_WAIT;

/** Faults without effect on one page, a driver keeps it for a while, before the walk waits. */
const PATIENCE = 16;

/**
 * Reports, and on request faults in, every page of the range.
 *
 * After -EBUSY the caller takes a fresh sequence, calls `range.restart` and tries again. The
 * caller holds mmap_lock for reading, over waits too.
 *
 * @returns 0 with the columns filled, HMM_WAIT, or a negative errno; pages faulted in before an
 * error stay so.
 * @kernel mm/hmm.c hmm_range_fault (v7.2)
 */
export function hmmRangeFault(world: World, task: TaskStruct, range: HmmRange): number {
  if (range.start >= range.end) return -EINVAL;
  let stuckAt = -1;
  let nrFruitless = 0;
  for (;;) {
    if (range.faultPage >= 0) {
      const result = faultPages(world, task, range);
      if (result !== 0) return result;
    }
    const { notifier } = range;
    if (notifier !== null && mmuIntervalReadRetry(notifier, range.notifierSeq)) return -EBUSY;
    const result = hmmWalk(world, range);
    if (result !== HMM_WALK_FAULT) return result === HMM_WALK_OK ? 0 : result;
    nrFruitless = range.faultPage === stuckAt ? nrFruitless + 1 : 0;
    stuckAt = range.faultPage;
    if (nrFruitless > PATIENCE) {
      noteFruitless(world, "refault", stuckAt);
      return endFault(range, HMM_WAIT);
    }
    world.recorder?.note(
      range.isWriteFault ? "hmm-fault-write" : "hmm-fault-read",
      range.mm.mmId,
      range.faultPage,
      range.faultEnd - range.faultPage,
    );
  }
}

/**
 * Calls the CPU fault handler for every page of the span that the walk stopped at: not only for
 * the page that needs it, but up to the end of the walk's segment.
 * @kernel mm/hmm.c hmm_vma_fault (v7.2)
 */
function faultPages(world: World, task: TaskStruct, range: HmmRange): number {
  const vma = range.mm.vmaAt(range.faultPage);
  if (vma === null) return endFault(range, -EFAULT);
  if (range.isWriteFault && (vma.vmFlags & VM_WRITE) === 0) return endFault(range, -EPERM);
  const flags = FAULT_FLAG_REMOTE | (range.isWriteFault ? FAULT_FLAG_WRITE : 0);
  while (range.faultPage < range.faultEnd) {
    const fault = handleMmFault(world, task, vma, range.faultPage, flags);
    if ((fault & VM_FAULT_WAIT) !== 0) return HMM_WAIT;
    if ((fault & VM_FAULT_ERROR) !== 0) return endFault(range, -EFAULT);
    if ((fault & VM_FAULT_RETRY) === 0) range.faultPage++;
  }
  return endFault(range, 0);
}

function endFault(range: HmmRange, result: number): number {
  range.faultPage = -1;
  return result;
}
