// mmap_lock for verbs: taking it is a wait, never a spin. Who holds it is the verb's own knowledge.
import {
  EFFORT_LOCK,
  EFFORT_LOCK_MMAP_READ,
  EFFORT_LOCK_MMAP_WRITE,
  invariant,
  type MmStruct,
  type World,
} from "@faultline/core";
import type { Verb } from "./verb.ts";

/** Takes mmap_lock for writing. */
export function* mmapWriteLock(world: World, mm: MmStruct): Verb<void> {
  while (mm.mmapLock.writer || mm.mmapLock.readers > 0) yield { reason: "mmap-lock", object: mm };
  mm.mmapLock.writer = true;
  world.effort.add(EFFORT_LOCK, 1, 0, EFFORT_LOCK_MMAP_WRITE);
}

/** Releases mmap_lock held for writing. */
export function mmapWriteUnlock(mm: MmStruct): void {
  invariant(mm.mmapLock.writer, "mmap_lock is not held for writing");
  mm.mmapLock.writer = false;
}

/** Takes mmap_lock for reading. */
export function* mmapReadLock(world: World, mm: MmStruct): Verb<void> {
  while (!mmapReadTrylock(world, mm)) yield { reason: "mmap-lock", object: mm };
}

/**
 * Takes mmap_lock for reading, if nobody writes under it. Hot paths try this first, because a verb
 * of its own for a lock that is mostly free takes longer than the lock.
 */
export function mmapReadTrylock(world: World, mm: MmStruct): boolean {
  if (mm.mmapLock.writer) return false;
  mm.mmapLock.readers++;
  world.effort.add(EFFORT_LOCK, 1, 0, EFFORT_LOCK_MMAP_READ);
  return true;
}

/** Releases mmap_lock held for reading. */
export function mmapReadUnlock(mm: MmStruct): void {
  invariant(mm.mmapLock.readers > 0, "mmap_lock is not held for reading");
  mm.mmapLock.readers--;
}
