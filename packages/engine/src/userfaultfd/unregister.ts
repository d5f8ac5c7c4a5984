// UFFDIO_UNREGISTER and what closing a userfaultfd does to one VMA. Mirrors fs/userfaultfd.c and
// mm/userfaultfd.c userfaultfd_clear_vma.
import {
  EINVAL,
  type TaskStruct,
  type UserfaultfdCtx,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { vmaSetUffd } from "../vma/vma-set-uffd.ts";
import { cutsHugetlbPage, userfaultfdWp, VM_UFFD_FLAGS, vmaCanUserfault } from "./predicates.ts";
import { uffdWpRange } from "./writeprotect.ts";

/**
 * Lets go of everything registered in `nrPages` from `start` on. Write protection and its markers
 * are removed; device pages met on the way lose write access.
 * @returns 0; -EINVAL for an empty or unmapped range, memory that could not be registered, or
 * memory of another context.
 * @kernel fs/userfaultfd.c userfaultfd_unregister (v7.2)
 */
export function* userfaultfdUnregister(
  world: World,
  task: TaskStruct,
  ctx: UserfaultfdCtx,
  start: number,
  nrPages: number,
): Verb {
  checkCall(world, task, start, nrPages);
  if (nrPages <= 0) return -EINVAL;
  const { mm } = task;
  const end = start + nrPages;
  yield* mmapWriteLock(world, mm);
  const vmas = mm.vmasIn(start, end);
  let rc =
    vmas.length > 0 && vmas.every((vma) => mayUnregister(world, vma, ctx, start, end))
      ? 0
      : -EINVAL;
  for (let page = start; rc === 0 && page < end; ) {
    const vma = mm.vmas[mm.indexAtOrAfter(page)];
    if (vma === undefined || vma.vmStart >= end) break;
    const from = Math.max(page, vma.vmStart);
    const to = Math.min(end, vma.vmEnd);
    if (vma.uffdCtx !== null) rc = yield* userfaultfdClearVma(world, vma, from, to);
    page = to;
  }
  mmapWriteUnlock(mm);
  return rc;
}

function mayUnregister(
  world: World,
  vma: VmAreaStruct,
  ctx: UserfaultfdCtx,
  start: number,
  end: number,
): boolean {
  if (vma.uffdCtx !== null && vma.uffdCtx !== ctx) return false;
  if (!vmaCanUserfault(vma, vma.vmFlags & VM_UFFD_FLAGS, ctx.featureWpAsync)) return false;
  return !cutsHugetlbPage(world, vma, start, end);
}

/**
 * Ends the registration of `[start, end)` of one VMA, which may merge with its neighbours then.
 * @kernel mm/userfaultfd.c userfaultfd_clear_vma (v7.2)
 */
export function* userfaultfdClearVma(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
): Verb {
  if (userfaultfdWp(vma)) yield* uffdWpRange(world, vma, start, end, false);
  return vmaSetUffd(world, vma.vmMm, start, end, null, 0);
}
