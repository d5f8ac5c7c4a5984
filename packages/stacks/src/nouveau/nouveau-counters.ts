// What nouveau has done with its fault buffer. The kernel counts none of it; the names are ours.

/** Counters of one card. */
export interface NouveauCounters {
  /** Entries that were read out of the buffer. */
  fault_entries: number;
  /** Entries that were handled, each for its window. */
  faults_served: number;
  /** Entries left to the replay: one before them had mapped their page. */
  faults_skipped: number;
  /** Entries that could not be served: each kills its channel. */
  faults_cancelled: number;
  /** Times that entries were read and sorted. */
  batches: number;
  /** A batch in which anything was served ends in one. */
  replays: number;
}

/** All zero. */
export function createNouveauCounters(): NouveauCounters {
  return {
    fault_entries: 0,
    faults_served: 0,
    faults_skipped: 0,
    faults_cancelled: 0,
    batches: 0,
    replays: 0,
  };
}
