// fork: a child with copies of its parent's VMAs and shares of its pages. Mirrors mm/mmap.c
// dup_mmap and kernel/fork.c. It scans every page of every VMA that has anonymous memory, as the
// kernel does.
import {
  EAGAIN,
  EFFORT_LOCK,
  EFFORT_LOCK_MMAP_WRITE,
  EFFORT_TLB_FLUSH,
  EFFORT_VMA_CHANGE,
  ENOMEM,
  MMU_NOTIFY_PROTECTION_PAGE,
  type MmStruct,
  type TaskStruct,
  VM_DONTCOPY,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  VM_WIPEONFORK,
  VmAreaStruct,
  type World,
} from "@faultline/core";
import { khugepagedFork } from "../collapse/khugepaged-slots.ts";
import { mmapWriteLock, mmapWriteUnlock } from "../mmap-lock.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { anonVmaFork } from "../rmap/anon-vma.ts";
import type { Verb } from "../verb.ts";
import { copyPageRange } from "./copy-page-range.ts";
import { mmput } from "./mm-users.ts";

/** Mappings whose entries say what no fault would find again. */
const VM_COPY_ON_FORK: number = VM_UFFD_WP | VM_MAYBE_GUARD;

/** Why a fork failed; a child is returned otherwise. */
export type ForkResult = TaskStruct | number;

/**
 * Forks a process. The child runs on its parent's CPU with its memory policy and one thread.
 * @returns the child, or -ENOMEM.
 * @kernel kernel/fork.c copy_mm (v7.2)
 */
export function* sysFork(world: World, task: TaskStruct): Verb<ForkResult> {
  const parentMm = task.mm;
  if (!parentMm.isAlive) return -EAGAIN;
  yield* mmapWriteLock(world, parentMm);
  const childMm = world.createMm();
  world.effort.add(EFFORT_LOCK, 1, 0, EFFORT_LOCK_MMAP_WRITE);
  childMm.hasPinned = false;
  childMm.startBrk = parentMm.startBrk;
  childMm.brk = parentMm.brk;
  childMm.startStack = parentMm.startStack;
  khugepagedFork(world, childMm, parentMm);
  let isComplete = true;
  for (const parent of parentMm.vmas.slice()) {
    if (!isComplete) break;
    if ((parent.vmFlags & VM_DONTCOPY) !== 0) continue;
    const child = dupVma(world, childMm, parent);
    if (!needsCopy(child, parent)) continue;
    const range = parent.isCowMapping
      ? mmuNotifierInvalidateRangeStart(
          world,
          parentMm,
          MMU_NOTIFY_PROTECTION_PAGE,
          parent.vmStart,
          parent.vmEnd,
        )
      : null;
    yield* settle(range);
    isComplete = copyPageRange({ world, task, child, parent });
    mmuNotifierInvalidateRangeEnd(range);
  }
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, parentMm.cpumask);
  mmapWriteUnlock(parentMm);
  if (!isComplete) {
    yield* mmput(world, childMm);
    return -ENOMEM;
  }
  const forked = world.createTask(task.cpu, childMm);
  forked.comm = task.comm;
  forked.mempolicy = task.mempolicy;
  world.recorder?.note("fork", parentMm.mmId, 0, 0);
  return forked;
}

/** @kernel mm/mmap.c dup_mmap (v7.2) */
function dupVma(world: World, childMm: MmStruct, parent: VmAreaStruct): VmAreaStruct {
  const flags = parent.vmFlags & ~(VM_LOCKED | VM_UFFD_WP | VM_UFFD_MISSING);
  const child = new VmAreaStruct(childMm, parent.vmStart, parent.vmEnd, flags, parent.vmPgoff);
  child.vmPolicy = parent.vmPolicy;
  child.vmFile = parent.vmFile;
  world.effort.add(EFFORT_VMA_CHANGE, 1);
  if ((parent.vmFlags & VM_WIPEONFORK) === 0) anonVmaFork(world, child, parent);
  if (child.vmFile !== null) {
    child.vmFile.refs++;
    child.vmFile.linkAfter(child, parent);
  }
  childMm.insertVma(child);
  return child;
}

/**
 * Whether the entries must be copied: pages that a fault would find again are not worth it.
 * @kernel mm/memory.c vma_needs_copy (v7.2)
 */
function needsCopy(child: VmAreaStruct, parent: VmAreaStruct): boolean {
  if ((parent.vmFlags & VM_WIPEONFORK) !== 0) return false;
  return parent.anonVma !== null || (child.vmFlags & VM_COPY_ON_FORK) !== 0;
}
