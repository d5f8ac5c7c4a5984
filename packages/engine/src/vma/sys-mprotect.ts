// mprotect(2). Mirrors mm/mprotect.c do_mprotect_pkey and mprotect_fixup. Protection keys, growing
// stacks and sealed VMAs are left out.
import {
  EACCES,
  ENOMEM,
  type TaskStruct,
  VM_ACCESS_FLAGS,
  VM_ACCOUNT,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmPopulate } from "../gup/populate.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { changeProtection } from "./change-protection.ts";
import { calcVmProtBits } from "./prot.ts";
import { PROTECTION_OF_VMA } from "./protection-change.ts";
import { vmaModify } from "./vma-modify.ts";

/**
 * Changes the access rights of `nrPages` from `start` on.
 * @returns 0; -ENOMEM at a hole, after the pages before it have changed; -EACCES.
 * @kernel mm/mprotect.c sys_mprotect (v7.2)
 */
export function* sysMprotect(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  prot: number,
): Verb {
  checkCall(world, task, start, nrPages);
  if (nrPages === 0) return 0;
  yield* mmapWriteLock(world, task.mm);
  const rc = yield* protectRange(world, task, start, start + nrPages, prot);
  mmapWriteUnlock(task.mm);
  return rc;
}

function* protectRange(
  world: World,
  task: TaskStruct,
  start: number,
  end: number,
  prot: number,
): Verb {
  const { mm } = task;
  let from = start;
  while (from < end) {
    const vma = mm.vmaAt(from);
    if (vma === null) return -ENOMEM;
    const flags = calcVmProtBits(prot) | (vma.vmFlags & ~VM_ACCESS_FLAGS);
    if (!mayHave(flags)) return -EACCES;
    const to = Math.min(end, vma.vmEnd);
    const rc = yield* mprotectFixup(world, task, vma, from, to, flags);
    if (rc !== 0) return rc;
    from = to;
  }
  return 0;
}

function mayHave(flags: number): boolean {
  if ((flags & VM_READ) !== 0 && (flags & VM_MAYREAD) === 0) return false;
  return (flags & VM_WRITE) === 0 || (flags & VM_MAYWRITE) !== 0;
}

/**
 * The accounting flag follows the first write permission, and leaves an anonymous VMA again only
 * while that has no pages of its own.
 */
function withAccount(vma: VmAreaStruct, flags: number): number {
  const old = vma.vmFlags;
  if ((flags & VM_WRITE) !== 0) {
    const isFree = (old & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED)) !== 0;
    return isFree ? flags : flags | VM_ACCOUNT;
  }
  const isDropped = (old & VM_ACCOUNT) !== 0 && vma.isAnonymous && vma.anonVma === null;
  return isDropped ? flags & ~VM_ACCOUNT : flags;
}

/** @kernel mm/mprotect.c mprotect_fixup (v7.2) */
function* mprotectFixup(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
  wanted: number,
): Verb {
  const old = vma.vmFlags;
  if (wanted === old) return 0;
  const changed = vmaModify(world, vma, start, end, { flags: withAccount(vma, wanted) });
  if (typeof changed === "number") return changed;
  world.recorder?.note("mprotect", task.mm.mmId, start, end - start);
  yield* changeProtection(world, changed, start, end, PROTECTION_OF_VMA);
  const wasLockedOnly = (old & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED;
  // Locked private memory that becomes writable must not fault later, so it is copied now.
  if (wasLockedOnly && (wanted & VM_WRITE) !== 0) {
    yield* mmPopulate(world, task, task.mm, start, end, true);
  }
  return 0;
}
