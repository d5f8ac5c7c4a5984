// Taking a driver's lock is a wait, never a spin, as it is for mmap_lock.
import { type DriverRwLock, invariant } from "@faultline/core";
import type { Verb } from "./verb.ts";

/** Takes the lock for reading, behind those who wait to write. */
export function* driverReadLock(lock: DriverRwLock): Verb<void> {
  while (lock.isWritten || lock.nrWaitingWriters > 0) yield { reason: "driver-lock", object: lock };
  lock.readers++;
}

/** Gives it back. */
export function driverReadUnlock(lock: DriverRwLock): void {
  invariant(lock.readers > 0, `${lock.name} is not held for reading`);
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
  invariant(lock.isWritten, `${lock.name} is not held for writing`);
  lock.isWritten = false;
}
