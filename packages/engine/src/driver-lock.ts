// Taking a driver's lock is a wait, never a spin, as it is for mmap_lock.
import { type DriverRwLock, invariant } from "@faultline/core";
import type { Verb } from "./verb.ts";

/** Takes the lock for reading, behind those who wait to write. */
export function* driverReadLock(lock: DriverRwLock): Verb<void> {
  while (!driverReadTrylock(lock)) yield { reason: "driver-lock", object: lock };
}

/** Takes the lock for reading, if nobody writes or waits to; hot paths try this first. */
export function driverReadTrylock(lock: DriverRwLock): boolean {
  if (lock.isWritten || lock.nrWaitingWriters > 0) return false;
  lock.readers++;
  return true;
}

/** Gives it back. */
export function driverReadUnlock(lock: DriverRwLock): void {
  if (lock.readers === 0) invariant(false, `${lock.name} is not held for reading`);
  lock.readers--;
}

/** Takes the lock for writing. */
export function* driverWriteLock(lock: DriverRwLock): Verb<void> {
  lock.nrWaitingWriters++;
  while (lock.isWritten || lock.readers > 0) yield { reason: "driver-lock", object: lock };
  lock.nrWaitingWriters--;
  lock.isWritten = true;
}

/** Gives it back. */
export function driverWriteUnlock(lock: DriverRwLock): void {
  if (!lock.isWritten) invariant(false, `${lock.name} is not held for writing`);
  lock.isWritten = false;
}
