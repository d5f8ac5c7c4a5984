// UFFDIO_WRITEPROTECT: setting and clearing the protection bit of each page. Mirrors
// mm/userfaultfd.c.
import { EINVAL, ENOENT, type TaskStruct, type VmAreaStruct, type World } from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import type { Verb } from "../verb.ts";
import { changeProtection } from "../vma/change-protection.ts";
import { cutsHugetlbPage, userfaultfdWp, userfaultfdWpUseMarkers } from "./predicates.ts";

/**
 * Protects (or releases) what `nrPages` from `start` on map; holes between VMAs do not matter.
 * @returns 0; -ENOENT when nothing is mapped, or at the first VMA not registered for write
 * protection, with those before it done; -EINVAL for an empty range or a part of a hugetlb page.
 * @kernelpart mm/userfaultfd.c mwriteprotect_range (v7.2) the ioctl with its checks and the loop
 * below it
 */
export function* userfaultfdWriteprotect(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  protect: boolean,
): Verb {
  checkCall(world, task, start, nrPages);
  if (nrPages <= 0) return -EINVAL;
  const { mm } = task;
  const end = start + nrPages;
  yield* mmapReadLock(world, mm);
  let rc = -ENOENT;
  for (const vma of mm.vmasIn(start, end)) {
    rc = mayProtect(world, vma, start, end);
    if (rc !== 0) break;
    const from = Math.max(start, vma.vmStart);
    const to = Math.min(end, vma.vmEnd);
    world.recorder?.note("uffd-writeprotect", mm.mmId, from, to - from);
    yield* uffdWpRange(world, vma, from, to, protect);
  }
  mmapReadUnlock(mm);
  return rc;
}

function mayProtect(world: World, vma: VmAreaStruct, start: number, end: number): number {
  if (!userfaultfdWp(vma)) return -ENOENT;
  return cutsHugetlbPage(world, vma, start, end) ? -EINVAL : 0;
}

/**
 * Sets or clears the protection of a part of one VMA. Either way every entry is written anew from
 * the VMA's rights, so device pages lose write access even when protection is cleared.
 * @kernel mm/userfaultfd.c uffd_wp_range (v7.2)
 */
export function* uffdWpRange(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  protect: boolean,
): Verb<void> {
  yield* changeProtection(world, vma, start, end, {
    uffdWp: protect ? "set" : "clear",
    useMarkers: userfaultfdWpUseMarkers(vma),
  });
}
