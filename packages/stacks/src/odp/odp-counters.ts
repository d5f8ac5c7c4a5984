// What the driver counts for a region, under the names that `rdma -p statistic` prints.

/** Counters of one region. */
export interface OdpCounters {
  page_faults: number;
  page_faults_handled: number;
  page_invalidations: number;
  page_invalidations_handled: number;
  page_prefetch: number;
}

/** All zero. */
export function createOdpCounters(): OdpCounters {
  return {
    page_faults: 0,
    page_faults_handled: 0,
    page_invalidations: 0,
    page_invalidations_handled: 0,
    page_prefetch: 0,
  };
}
