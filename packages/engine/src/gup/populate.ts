// Faulting ranges in for mlock, MAP_POPULATE and MADV_POPULATE_*. Mirrors mm/gup.c.
import {
  EAGAIN,
  EFAULT,
  ENOMEM,
  type MmStruct,
  type TaskStruct,
  VM_ACCESS_FLAGS,
  VM_IO,
  VM_PFNMAP,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import type { Verb } from "../verb.ts";
import { getUserPages } from "./get-user-pages.ts";
import { FOLL_FORCE, FOLL_MADV_POPULATE, FOLL_WRITE, GUP_WAIT } from "./gup-flags.ts";

/**
 * Makes `[start, end)` present, for MADV_POPULATE_READ, or writable (`isWrite`).
 * @returns 0; -EINVAL where a VMA forbids the access, -ENOMEM for a hole or without memory, -EFAULT
 * for a fault that would be a signal; GUP_WAIT to be called again.
 * @kernel mm/gup.c faultin_page_range (v7.2)
 */
export function faultinPageRange(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  start: number,
  end: number,
  isWrite: boolean,
): number {
  const flags = FOLL_MADV_POPULATE | (isWrite ? FOLL_WRITE : 0);
  return populateRange(world, task, mm, start, end, flags);
}

/**
 * Faults in the pages of one VMA as mlock wants them: writable where the VMA is private and
 * writable, so that sharing is broken at once.
 * @returns 0, a negative errno, or GUP_WAIT.
 * @kernel mm/gup.c populate_vma_page_range (v7.2)
 */
export function populateVmaPageRange(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
): number {
  const isPrivateWritable = (vma.vmFlags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
  let flags = isPrivateWritable ? FOLL_WRITE : 0;
  if ((vma.vmFlags & VM_ACCESS_FLAGS) !== 0) flags |= FOLL_FORCE;
  return populateRange(world, task, vma.vmMm, start, end, flags);
}

/**
 * Populates every mapping in `[start, end)`.
 * @param ignoreErrors goes on behind a VMA that fails, as MAP_POPULATE does.
 * @returns 0, -ENOMEM for memory that cannot be accessed or is not mapped, -EAGAIN without memory.
 * @kernel mm/gup.c __mm_populate (v7.2)
 */
export function* mmPopulate(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  start: number,
  end: number,
  ignoreErrors = false,
): Verb {
  let page = start;
  while (page < end) {
    const vma = mm.vmas[mm.indexAtOrAfter(page)];
    if (vma === undefined || vma.vmStart >= end) break;
    const from = Math.max(page, vma.vmStart);
    const to = Math.min(end, vma.vmEnd);
    page = to;
    if ((vma.vmFlags & (VM_IO | VM_PFNMAP)) !== 0) continue;
    let rc = populateVmaPageRange(world, task, vma, from, to);
    while (rc === GUP_WAIT && world.pendingWait !== null) {
      yield world.pendingWait;
      rc = populateVmaPageRange(world, task, vma, from, to);
    }
    if (rc < 0 && !ignoreErrors) return mlockError(rc);
  }
  return 0;
}

/** @kernel mm/mlock.c __mlock_posix_error_return (v7.2) */
function mlockError(rc: number): number {
  if (rc === -EFAULT) return -ENOMEM;
  return rc === -ENOMEM ? -EAGAIN : rc;
}

/** getUserPages over the whole range; a later page's error counts as the first one's does. */
function populateRange(
  world: World,
  task: TaskStruct,
  mm: MmStruct,
  start: number,
  end: number,
  flags: number,
): number {
  let page = start;
  while (page < end) {
    const rc = getUserPages(world, task, mm, page, end - page, flags, null);
    if (rc < 0) return rc;
    page += rc;
  }
  return 0;
}
