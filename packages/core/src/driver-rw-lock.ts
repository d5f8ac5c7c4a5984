// A lock of a driver that many may hold to read, or one to write, as struct rw_semaphore. Verbs
// take it and give it back; who waits for it is told by its state.

/** The lock. Whoever waits to write keeps later readers out. */
export class DriverRwLock {
  readonly name: string;
  readers = 0;
  isWritten = false;
  nrWaitingWriters = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Differs when it is worth asking for the lock again. */
  get state(): number {
    return this.readers * 2 + (this.isWritten ? 1 : 0);
  }
}
