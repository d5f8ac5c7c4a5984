// madvise(2): which VMAs an advice visits, and who carries it out. Mirrors mm/madvise.c do_madvise.
// MADV_WILLNEED, the dump advices and memory failure injection are left out.
import {
  checkArgument,
  ENOMEM,
  type TaskStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { madviseCollapse } from "../collapse/madvise-collapse.ts";
import { madviseRemove } from "../file/madvise-remove.ts";
import { GUP_WAIT } from "../gup/gup-flags.ts";
import { faultinPageRange } from "../gup/populate.ts";
import { ksmMadvise } from "../ksm/ksm-madvise.ts";
import { mmapReadLock, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import { madviseColdOrPageoutRange } from "../swap/madvise-cold.ts";
import { madviseFreeRange } from "../swap/madvise-free.ts";
import { madviseGuardInstall, madviseGuardRemove } from "../userfaultfd/guard.ts";
import type { Verb } from "../verb.ts";
import {
  MADVISE_ADVICE,
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MADV_MERGEABLE,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_REMOVE,
  MADV_UNMERGEABLE,
  type MadviseAdvice,
} from "./madvise-advice.ts";
import { madviseDontneedSingleVma } from "./madvise-dontneed.ts";
import { isFlagAdvice, madviseFlags, madviseUpdateVma } from "./madvise-flags.ts";

/**
 * Gives advice about `nrPages` from `start` on. Most advices go on behind a hole and report it at
 * the end; the first VMA that refuses ends the call.
 * @returns 0 or a negative errno.
 * @kernel mm/madvise.c sys_madvise (v7.2)
 */
export function* sysMadvise(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  advice: MadviseAdvice,
): Verb {
  checkCall(world, task, start, nrPages);
  checkArgument(MADVISE_ADVICE.has(advice), "advice", `unknown advice ${advice}`);
  if (nrPages === 0) return 0;
  const end = start + nrPages;
  if (advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE) {
    return yield* madvisePopulate(world, task, start, end, advice === MADV_POPULATE_WRITE);
  }
  // Collapsing takes mmap_lock itself, once for each way it needs it.
  if (advice === MADV_COLLAPSE) return yield* walkVmas(world, task, start, end, advice);
  const { mm } = task;
  if (changesVmas(advice)) {
    yield* mmapWriteLock(world, mm);
    const rc = yield* walkVmas(world, task, start, end, advice);
    mmapWriteUnlock(mm);
    return rc;
  }
  yield* mmapReadLock(world, mm);
  const rc = yield* walkVmas(world, task, start, end, advice);
  mmapReadUnlock(mm);
  return rc;
}

function changesVmas(advice: MadviseAdvice): boolean {
  return isFlagAdvice(advice) || advice === MADV_MERGEABLE || advice === MADV_UNMERGEABLE;
}

/** @kernel mm/madvise.c madvise_populate (v7.2) */
function* madvisePopulate(
  world: World,
  task: TaskStruct,
  start: number,
  end: number,
  isWrite: boolean,
): Verb {
  const { mm } = task;
  yield* mmapReadLock(world, mm);
  try {
    let rc = faultinPageRange(world, task, mm, start, end, isWrite);
    while (rc === GUP_WAIT && world.pendingWait !== null) {
      yield world.pendingWait;
      rc = faultinPageRange(world, task, mm, start, end, isWrite);
    }
    return rc;
  } finally {
    mmapReadUnlock(mm);
  }
}

/** @kernel mm/madvise.c madvise_walk_vmas (v7.2) */
function* walkVmas(
  world: World,
  task: TaskStruct,
  start: number,
  end: number,
  advice: MadviseAdvice,
): Verb {
  const { mm } = task;
  let hole = 0;
  let from = start;
  while (from < end) {
    const vma = mm.vmas[mm.indexAtOrAfter(from)];
    if (vma === undefined) return -ENOMEM;
    if (vma.vmStart > from) {
      hole = -ENOMEM;
      from = vma.vmStart;
      if (from >= end) break;
    }
    const to = Math.min(end, vma.vmEnd);
    const rc = yield* adviseVma(world, task, vma, from, to, advice);
    if (rc !== 0) return rc;
    from = to;
  }
  return hole;
}

/** @kernel mm/madvise.c madvise_vma_behavior (v7.2) */
function* adviseVma(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
  advice: MadviseAdvice,
): Verb {
  switch (advice) {
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED: {
      const isLockedToo = advice === MADV_DONTNEED_LOCKED;
      return yield* madviseDontneedSingleVma(world, vma, start, end, isLockedToo);
    }
    case MADV_FREE:
      return yield* madviseFreeRange(world, task, vma, start, end);
    case MADV_COLD:
    case MADV_PAGEOUT: {
      const isPageout = advice === MADV_PAGEOUT;
      return yield* madviseColdOrPageoutRange(world, task, vma, start, end, isPageout);
    }
    case MADV_COLLAPSE:
      return yield* madviseCollapse(world, task, vma, start, end);
    case MADV_REMOVE:
      return yield* madviseRemove(world, vma, start, end);
    case MADV_GUARD_INSTALL:
      return yield* madviseGuardInstall(world, task, vma, start, end);
    case MADV_GUARD_REMOVE:
      return yield* madviseGuardRemove(world, task, vma, start, end);
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE: {
      const kind = advice === MADV_MERGEABLE ? "mergeable" : "unmergeable";
      const flags = yield* ksmMadvise(world, task, vma, start, end, kind);
      return flags < 0 ? flags : madviseUpdateVma(world, vma, start, end, flags);
    }
    default:
      return madviseFlags(world, vma, start, end, advice);
  }
}
