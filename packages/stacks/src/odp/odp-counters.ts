// What the driver counts for a region, under the names that `rdma -p statistic` prints, and what it
// does for it.

/** Counters of one region. */
export interface OdpCounters {
  page_faults: number;
  page_faults_handled: number;
  page_invalidations: number;
  page_invalidations_handled: number;
  page_prefetch: number;
  /** Commands that let the device go on. */
  page_fault_resumes: number;
  /** Those with an error: the queue pair is in error state afterwards. */
  page_fault_resume_errors: number;
  /** Accesses of queue pairs in error state. */
  qp_flushed: number;
  /** Events of work requests: those of a requester that sends, that fetches, of a receiver. */
  wqe_requester_send: number;
  wqe_requester_read: number;
  wqe_responder: number;
  /** Updates that entered pages. */
  umr_updates: number;
  /** Updates that took pages away, and the entries that they covered. */
  umr_zaps: number;
  umr_zapped_entries: number;
  /** Children of the implicit region that were made, and those given back empty. */
  children_allocated: number;
  children_freed: number;
  /** Times that IOVAs were taken: one for each child, or one for each page without two steps. */
  iova_reservations: number;
  /** Prefetches that were left to a worker. */
  prefetch_work: number;
  /** Entries whose accesses carry translated addresses, so that a switch may pass them on. */
  ats_entries: number;
}

/** All zero. */
export function createOdpCounters(): OdpCounters {
  return {
    page_faults: 0,
    page_faults_handled: 0,
    page_invalidations: 0,
    page_invalidations_handled: 0,
    page_prefetch: 0,
    page_fault_resumes: 0,
    page_fault_resume_errors: 0,
    qp_flushed: 0,
    wqe_requester_send: 0,
    wqe_requester_read: 0,
    wqe_responder: 0,
    umr_updates: 0,
    umr_zaps: 0,
    umr_zapped_entries: 0,
    children_allocated: 0,
    children_freed: 0,
    iova_reservations: 0,
    prefetch_work: 0,
    ats_entries: 0,
  };
}
