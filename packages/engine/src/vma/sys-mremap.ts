// mremap(2) with MREMAP_MAYMOVE | MREMAP_FIXED. Mirrors mm/mremap.c do_mremap. Moves to an address
// of the kernel's choice, resizing in place and the duplication of shared memory by an old length
// of zero are left out.
import {
  EFAULT,
  EINVAL,
  type MmStruct,
  type TaskStruct,
  VM_DONTEXPAND,
  VM_HUGETLB,
  VM_LOCKED,
  VM_PFNMAP,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkRange, checkTask } from "../check-arguments.ts";
import { mmPopulate } from "../gup/populate.ts";
import { ksmMadvise } from "../ksm/ksm-madvise.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import { unlinkAnonVmas } from "../rmap/anon-vma.ts";
import type { Verb } from "../verb.ts";
import { copyVma } from "./copy-vma.ts";
import { doMunmap } from "./do-munmap.ts";
import { movePageTables } from "./move-page-tables.ts";
import { splitVma } from "./split-vma.ts";

/** The flags of mremap beside MREMAP_MAYMOVE | MREMAP_FIXED. */
export interface MremapOptions {
  /** MREMAP_DONTUNMAP: the source VMA stays, without its pages. */
  readonly dontunmap: boolean;
}

/** One source VMA's share of the call (`struct vma_remap_struct`). */
interface Remap {
  readonly world: World;
  readonly task: TaskStruct;
  readonly mm: MmStruct;
  readonly old: number;
  readonly oldPages: number;
  readonly newStart: number;
  readonly newPages: number;
  readonly dontunmap: boolean;
}

/**
 * Moves `[old, old + oldPages)` to `newStart`, over what is mapped there, and resizes it. A move
 * without resizing may span several VMAs and gaps behind the first.
 * @returns the new first page, or a negative errno.
 * @kernel mm/mremap.c sys_mremap (v7.2)
 */
export function* sysMremap(
  world: World,
  task: TaskStruct,
  old: number,
  oldPages: number,
  newPages: number,
  newStart: number,
  options: MremapOptions,
): Verb {
  checkTask(world, task);
  checkRange(old, oldPages, "old", "oldPages");
  checkRange(newStart, newPages, "newStart", "newPages");
  const { mm } = task;
  const { dontunmap } = options;
  if (newPages <= 0 || oldPages <= 0) return -EINVAL;
  if (dontunmap && oldPages !== newPages) return -EINVAL;
  if (old + oldPages > newStart && newStart + newPages > old) return -EINVAL;
  yield* mmapWriteLock(world, mm);
  const remap: Remap = { world, task, mm, old, oldPages, newStart, newPages, dontunmap };
  let rc: number;
  let isLocked = false;
  if (oldPages === newPages) {
    rc = yield* remapMove(remap);
  } else {
    const vma = mm.vmaAt(old);
    isLocked = vma !== null && (vma.vmFlags & VM_LOCKED) !== 0;
    rc = vma === null ? -EFAULT : checkVma(remap, vma);
    if (rc === 0) rc = yield* mremapTo(remap);
  }
  mmapWriteUnlock(mm);
  if (rc >= 0 && isLocked && newPages > oldPages) {
    yield* mmPopulate(world, task, mm, newStart + oldPages, newStart + newPages, true);
  }
  return rc;
}

/**
 * Moves VMA by VMA and keeps the gaps between them. What was moved before a failure stays moved.
 * @kernel mm/mremap.c remap_move (v7.2)
 */
function* remapMove(remap: Remap): Verb {
  const { mm, old, oldPages, newStart } = remap;
  const end = old + oldPages;
  if (mm.vmaAt(old) === null) return -EFAULT;
  let lastEnd = old;
  let target = newStart;
  for (;;) {
    const vma = mm.vmas[mm.indexAtOrAfter(lastEnd)];
    if (vma === undefined || vma.vmStart >= end) return newStart;
    const isFirst = lastEnd === old;
    const from = Math.max(vma.vmStart, old);
    const nrPages = Math.min(end, vma.vmEnd) - from;
    if (!mayMoveWithOthers(vma) && (!isFirst || vma.vmEnd < end)) return -EFAULT;
    target += isFirst ? 0 : vma.vmStart - lastEnd;
    lastEnd = vma.vmEnd;
    const part: Remap = {
      ...remap,
      old: from,
      oldPages: nrPages,
      newStart: target,
      newPages: nrPages,
    };
    let rc = checkVma(part, vma);
    if (rc === 0) rc = yield* mremapTo(part);
    if (rc < 0) return rc;
    target += nrPages;
    if (lastEnd >= end) return newStart;
  }
}

/**
 * Whether a call may move the VMA together with others: a monitor or a file with its own choice of
 * addresses could not follow.
 * @kernel mm/mremap.c vma_multi_allowed (v7.2)
 */
function mayMoveWithOthers(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & (VM_UFFD_MISSING | VM_UFFD_WP)) === 0 && vma.vmFile?.kind !== "ramfs";
}

/** @kernel mm/mremap.c check_prep_vma (v7.2) */
function checkVma(remap: Remap, vma: VmAreaStruct): number {
  const { old, oldPages, newPages, newStart, world } = remap;
  if ((vma.vmFlags & VM_HUGETLB) !== 0) {
    const isAligned = [old, oldPages, newPages, newStart].every((n) => n % world.blockPages === 0);
    if (!isAligned) return -EINVAL;
  }
  const isFixedSize = (vma.vmFlags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0;
  if (remap.dontunmap && isFixedSize) return -EINVAL;
  if (Math.min(oldPages, newPages) > vma.vmEnd - old) return -EFAULT;
  return newPages > oldPages && isFixedSize ? -EFAULT : 0;
}

/** @kernel mm/mremap.c mremap_to (v7.2) */
function* mremapTo(remap: Remap): Verb {
  const { world, mm, old, newStart, newPages } = remap;
  let { oldPages } = remap;
  let rc = yield* doMunmap(world, mm, newStart, newStart + newPages);
  if (rc !== 0) return rc;
  const vma = mm.vmaAt(old);
  if (vma === null) return -EFAULT;
  if (newPages < oldPages) {
    rc = yield* doMunmap(world, mm, old + newPages, old + oldPages);
    if (rc !== 0) return rc;
    oldPages = newPages;
  }
  return yield* moveVma({ ...remap, oldPages });
}

/** @kernel mm/mremap.c move_vma (v7.2) */
function* moveVma(remap: Remap): Verb {
  const { world, task, mm, old, oldPages, newStart, newPages, dontunmap } = remap;
  if (dontunmap) {
    const rc = isolateLocked(world, mm, old, old + oldPages);
    if (rc !== 0) return rc;
  }
  const source = mm.vmaAt(old) as VmAreaStruct;
  // A shared page is bound to its place by KSM's records, so it is unshared before it moves.
  const unshared = yield* ksmMadvise(world, task, source, old, old + oldPages, "unmergeable");
  if (unshared < 0) return unshared;
  const copied = copyVma(world, source, newStart, newPages, source.indexOf(old), dontunmap);
  const { oldVma, newVma } = copied;
  world.recorder?.note("mremap-move", mm.mmId, newStart, newPages);
  yield* movePageTables(world, { oldVma, newVma, oldStart: old, newStart, nrPages: oldPages });
  newVma.uffdCtx = null;
  newVma.vmFlags &= ~(VM_UFFD_MISSING | VM_UFFD_WP);
  if (!dontunmap) {
    const rc = yield* doMunmap(world, mm, old, old + oldPages);
    return rc === 0 ? newStart : rc;
  }
  dontunmapComplete(remap, oldVma, newVma);
  return newStart;
}

/**
 * What stays behind of a locked VMA loses its lock, so it becomes a VMA of its own first. It does
 * not merge with an unlocked neighbour.
 */
function isolateLocked(world: World, mm: MmStruct, start: number, end: number): number {
  const vma = mm.vmaAt(start) as VmAreaStruct;
  if ((vma.vmFlags & VM_LOCKED) === 0) return 0;
  const rc = vma.vmStart < start ? splitVma(world, vma, start, true) : 0;
  return rc === 0 && vma.vmEnd > end ? splitVma(world, vma, end, false) : rc;
}

/**
 * The source VMA stays behind, empty and unlocked; when all of it was moved it also loses its link
 * to the pages.
 * @kernel mm/mremap.c dontunmap_complete (v7.2)
 */
function dontunmapComplete(remap: Remap, oldVma: VmAreaStruct, newVma: VmAreaStruct): void {
  const { old, oldPages } = remap;
  oldVma.vmFlags &= ~VM_LOCKED;
  const isWhole = oldVma.vmStart === old && oldVma.vmEnd === old + oldPages;
  if (isWhole && oldVma !== newVma) unlinkAnonVmas(remap.world, oldVma);
}
