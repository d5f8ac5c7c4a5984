// The test driver's fault engine: batches of hmm_range_fault() that fill the mirror.
// Mirrors dmirror_fault, dmirror_range_fault and dmirror_do_fault of lib/test_hmm.c, with the fix
// of the recorded driver: for an own private page it stores the page that backs it.
import { EBUSY, EFAULT, mmuIntervalReadRetry, type TaskStruct, type World } from "@faultline/core";
import {
  HMM_PFN_REQ_FAULT,
  HMM_PFN_REQ_WRITE,
  HMM_PFN_WRITE,
  HMM_WAIT,
  HmmRange,
  hmmRangeFault,
  mmapReadLock,
  mmapReadUnlock,
  type Verb,
  withMm,
} from "@faultline/engine";
import { takePendingWait } from "../device/mirror-range.ts";
import type { Dmirror } from "./dmirror.ts";
import { DPT_READ, DPT_WRITE } from "./mirror-table.ts";

/** Pages of one call of hmm_range_fault(). */
const BATCH_PAGES = 32;

/**
 * Faults `[start, end)` into the mirror, batch by batch from the first page on.
 * @kernel lib/test_hmm.c dmirror_fault (v7.2)
 */
export function* dmirrorFault(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  start: number,
  end: number,
  isWrite: boolean,
): Verb {
  const work = faultBatches(world, task, dmirror, start, end, isWrite);
  return yield* withMm(world, dmirror.mm, -EFAULT, work);
}

function* faultBatches(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  start: number,
  end: number,
  isWrite: boolean,
): Verb {
  const range = new HmmRange({
    mm: dmirror.mm,
    notifier: dmirror.notifier,
    start,
    end,
    capacity: BATCH_PAGES,
    defaultFlags: isWrite ? HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE : HMM_PFN_REQ_FAULT,
    devPrivateOwner: dmirror.device.owner,
  });
  for (let page = start; page < end; page += BATCH_PAGES) {
    range.moveTo(page, Math.min(page + BATCH_PAGES, end));
    const result = yield* faultBatch(world, task, dmirror, range);
    if (result !== 0) return result;
  }
  return 0;
}

/**
 * @kernel lib/test_hmm.c dmirror_range_fault (v7.2)
 * @differs retries without end: giving up after a second is the business of a host with a clock.
 */
function* faultBatch(world: World, task: TaskStruct, dmirror: Dmirror, range: HmmRange): Verb {
  const { mm, notifier } = dmirror;
  for (;;) {
    const seq = mm.notifierSubscriptions?.readBegin(notifier) ?? 0;
    if (seq === -1) {
      yield { reason: "notifier", object: mm };
      continue;
    }
    range.restart(seq);
    yield* mmapReadLock(world, mm);
    let result = hmmRangeFault(world, task, range);
    let isKept = false;
    while (result === HMM_WAIT && !isKept) {
      const wait = takePendingWait(world);
      yield wait;
      // Another driver keeps the page for a while, and there is no time that could pass.
      isKept = wait.reason === "refault";
      if (!isKept) result = hmmRangeFault(world, task, range);
    }
    mmapReadUnlock(mm);
    if (isKept) return -EBUSY;
    if (result === -EBUSY) continue;
    if (result !== 0) return result;
    // Between the answer and the device's own table anything may happen: the sequence tells.
    yield { reason: "device", object: dmirror };
    if (mmuIntervalReadRetry(notifier, seq)) continue;
    return storeBatch(dmirror, range);
  }
}

/**
 * Stores a batch. A page that came back without write permission although it was asked for ends
 * the command, with the pages before it stored.
 * @kernel lib/test_hmm.c dmirror_do_fault (v7.2)
 */
function storeBatch(dmirror: Dmirror, range: HmmRange): number {
  const wantsWrite = (range.defaultFlags & HMM_PFN_REQ_WRITE) !== 0;
  for (let i = 0; i < range.end - range.start; i++) {
    const isWritable = ((range.flags[i] as number) & HMM_PFN_WRITE) !== 0;
    if (wantsWrite && !isWritable) return -EFAULT;
    const pfn = range.pfns[i] as number;
    dmirror.mirror.store(range.start + i, pfn, isWritable ? DPT_WRITE : DPT_READ);
  }
  return 0;
}
