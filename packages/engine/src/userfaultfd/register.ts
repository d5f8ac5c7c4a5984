// UFFDIO_REGISTER. Mirrors fs/userfaultfd.c and mm/userfaultfd.c userfaultfd_register_range.
import {
  EBUSY,
  EINVAL,
  EPERM,
  type TaskStruct,
  type UserfaultfdCtx,
  VM_MAYWRITE,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { vmaSetUffd } from "../vma/vma-set-uffd.ts";
import { cutsHugetlbPage, vmaCanUserfault } from "./predicates.ts";

/** Answer for pages that are not there. */
export const UFFDIO_REGISTER_MODE_MISSING = 1;
/** Answer for writes to protected pages. */
export const UFFDIO_REGISTER_MODE_WP = 2;

/**
 * Registers everything mapped in `nrPages` from `start` on. The modes of memory that is registered
 * already are replaced; protection bits that its pages carry stay and mean nothing without the
 * mode.
 * @returns 0; -EINVAL for an empty or unmapped range or memory that cannot be registered; -EBUSY
 * when another context has some of it; -EPERM for memory that can never be written.
 * @kernel fs/userfaultfd.c userfaultfd_register (v7.2)
 */
export function* userfaultfdRegister(
  world: World,
  task: TaskStruct,
  ctx: UserfaultfdCtx,
  start: number,
  nrPages: number,
  mode: number,
): Verb {
  checkCall(world, task, start, nrPages);
  const modes = vmFlagsOfMode(mode);
  if (nrPages <= 0 || modes === 0) return -EINVAL;
  const { mm } = task;
  yield* mmapWriteLock(world, mm);
  const end = start + nrPages;
  let rc = mayRegister(world, mm.vmasIn(start, end), ctx, start, end, modes);
  if (rc === 0) rc = vmaSetUffd(world, mm, start, end, ctx, modes);
  mmapWriteUnlock(mm);
  return rc;
}

function vmFlagsOfMode(mode: number): number {
  if ((mode & ~(UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP)) !== 0) return 0;
  const missing = (mode & UFFDIO_REGISTER_MODE_MISSING) === 0 ? 0 : VM_UFFD_MISSING;
  const wp = (mode & UFFDIO_REGISTER_MODE_WP) === 0 ? 0 : VM_UFFD_WP;
  return missing | wp;
}

function mayRegister(
  world: World,
  vmas: readonly VmAreaStruct[],
  ctx: UserfaultfdCtx,
  start: number,
  end: number,
  modes: number,
): number {
  if (vmas.length === 0) return -EINVAL;
  for (const vma of vmas) {
    if (!vmaCanUserfault(vma, modes, ctx.featureWpAsync)) return -EINVAL;
    if ((vma.vmFlags & VM_MAYWRITE) === 0) return -EPERM;
    if (cutsHugetlbPage(world, vma, start, end)) return -EINVAL;
    if (vma.uffdCtx !== null && vma.uffdCtx !== ctx) return -EBUSY;
  }
  return 0;
}
