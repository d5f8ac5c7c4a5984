// mlock(2) and munlock(2). Mirrors mm/mlock.c do_mlock. The limit on locked memory and locking on
// fault are left out.
import {
  EINVAL,
  ENOMEM,
  type MmStruct,
  type TaskStruct,
  VM_HUGETLB,
  VM_LOCKED,
  VM_SPECIAL,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmPopulate } from "../gup/populate.ts";
import { mmapReadLock, mmapReadUnlock, mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { mlockVmaPagesRange } from "./mlock-vma-pages-range.ts";
import { vmaModify } from "./vma-modify.ts";

/**
 * Locks `nrPages` from `start` on and faults them in; VMAs before a hole stay locked.
 * @returns 0; -ENOMEM for a hole or memory that cannot be accessed; -EAGAIN without memory.
 * @kernel mm/mlock.c sys_mlock (v7.2)
 */
export function* sysMlock(world: World, task: TaskStruct, start: number, nrPages: number): Verb {
  checkCall(world, task, start, nrPages);
  const { mm } = task;
  const end = start + nrPages;
  yield* mmapWriteLock(world, mm);
  let rc = applyVmaLockFlags(world, mm, start, end, VM_LOCKED);
  mmapWriteUnlock(mm);
  if (rc !== 0) return rc;
  yield* mmapReadLock(world, mm);
  rc = yield* mmPopulate(world, task, mm, start, end);
  // A folio that is new in a locked VMA is marked, too.
  for (const vma of mm.vmasIn(start, end)) {
    if ((vma.vmFlags & VM_LOCKED) === 0) continue;
    mlockVmaPagesRange(world, vma, Math.max(start, vma.vmStart), Math.min(end, vma.vmEnd), true);
  }
  mmapReadUnlock(mm);
  return rc;
}

/**
 * Unlocks `nrPages` from `start` on.
 * @returns 0, or -ENOMEM at a hole, after the VMAs before it.
 * @kernel mm/mlock.c sys_munlock (v7.2)
 */
export function* sysMunlock(world: World, task: TaskStruct, start: number, nrPages: number): Verb {
  checkCall(world, task, start, nrPages);
  const { mm } = task;
  yield* mmapWriteLock(world, mm);
  const rc = applyVmaLockFlags(world, mm, start, start + nrPages, 0);
  mmapWriteUnlock(mm);
  return rc;
}

/** @kernel mm/mlock.c apply_vma_lock_flags (v7.2) */
function applyVmaLockFlags(
  world: World,
  mm: MmStruct,
  start: number,
  end: number,
  locked: number,
): number {
  if (end < start) return -EINVAL;
  let from = start;
  while (from < end) {
    const vma = mm.vmaAt(from);
    if (vma === null) return -ENOMEM;
    const to = Math.min(end, vma.vmEnd);
    const rc = mlockFixup(world, vma, from, to, locked);
    if (rc !== 0) return rc;
    from = to;
  }
  return 0;
}

/** @kernel mm/mlock.c mlock_fixup (v7.2) */
function mlockFixup(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  locked: number,
): number {
  const flags = (vma.vmFlags & ~VM_LOCKED) | locked;
  if (flags === vma.vmFlags || (vma.vmFlags & (VM_SPECIAL | VM_HUGETLB)) !== 0) return 0;
  const changed = vmaModify(world, vma, start, end, { flags });
  if (typeof changed === "number") return changed;
  mlockVmaPagesRange(world, changed, start, end, locked !== 0);
  return 0;
}
