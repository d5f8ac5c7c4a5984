// What a GPU's driver counts, and what one batch came to: the numbers that a simulation with a
// clock prices.

/** Counters of one GPU since it was attached. */
export interface UvmCounters {
  services: number;
  batches: number;
  replays: number;
  /** Flushes of the fault buffer, and those that read PUT again. */
  flushes: number;
  put_updates: number;
  /** Entries fetched, those that another entry of the batch covers, and those flushed unread. */
  faults: number;
  duplicates: number;
  flushed_faults: number;
  fatal_faults: number;
  /** Passes over a VA block. */
  block_services: number;
  prefetched_pages: number;
  /** Pages that came to the GPU's memory, and that left it. */
  pages_in: number;
  pages_out: number;
  remote_mapped_pages: number;
  cpu_faults: number;
  evicted_chunks: number;
  throttled_faults: number;
  pinned_pages: number;
  read_duplicates: number;
  access_counter_notifications: number;
}

/** All zero. */
export function createUvmCounters(): UvmCounters {
  return {
    services: 0,
    batches: 0,
    replays: 0,
    flushes: 0,
    put_updates: 0,
    faults: 0,
    duplicates: 0,
    flushed_faults: 0,
    fatal_faults: 0,
    block_services: 0,
    prefetched_pages: 0,
    pages_in: 0,
    pages_out: 0,
    remote_mapped_pages: 0,
    cpu_faults: 0,
    evicted_chunks: 0,
    throttled_faults: 0,
    pinned_pages: 0,
    read_duplicates: 0,
    access_counter_notifications: 0,
  };
}

/** One pass over a VA block. */
export interface UvmBlockPass {
  readonly start: number;
  readonly nrFaulted: number;
  readonly nrPrefetched: number;
  /** Pages that changed their place. */
  readonly nrMoved: number;
}

/** One batch. */
export interface UvmBatch {
  readonly batchId: number;
  readonly nrEntries: number;
  readonly nrDuplicates: number;
  readonly passes: readonly UvmBlockPass[];
  readonly nrReplays: number;
  /** Entries that its flush dropped; the GPU raises them again after the replay. */
  readonly nrFlushed: number;
  readonly isPutUpdated: boolean;
}
