// How a driver takes faults out of a device's hands.

/** How faults of a device are served under a clock. */
export interface ServiceModel {
  /** Queues; a fault goes to the one of its address space. */
  readonly nrQueues: number;
  /** Workers of each queue; 0 when every fault has one of its own. */
  readonly nrWorkers: number;
  /** Faults that a worker takes at once, where its driver does not say. */
  readonly batch: number;
  /** Faults on one block of an address space exclude each other, whatever device has them. */
  readonly locksBlock?: true;
  /** Where CPUs are shared, the workers go before threads. */
  readonly isUrgent?: true;
}
