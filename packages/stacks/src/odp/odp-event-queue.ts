// Page-fault events of a NIC on their way to work items. Mirrors mlx5_ib_eq_pf_process and
// mlx5_ib_eq_pf_action of drivers/infiniband/hw/mlx5/odp.c: each event takes a record from a small
// pool; while that is empty the queue is not read, until a worker has filled it again. Without a
// clock it counts how often that happens, and how many rounds the workers need.

/** How large its parts are. */
export interface OdpEventQueueSizes {
  readonly entries: number;
  readonly records: number;
  readonly workers: number;
}

/** What the queue has counted. */
export interface OdpEventCounters {
  /** Events that arrived. */
  eq_events: number;
  /** Events that found the queue full, and came again. */
  eq_overruns: number;
  /** Times the pool of records was empty, and had to be filled. */
  eq_pool_refills: number;
  /** Rounds of as many work items as may run at once. */
  eq_work_rounds: number;
}

/** The event queue of one NIC. */
export class OdpEventQueue {
  readonly counters: OdpEventCounters = {
    eq_events: 0,
    eq_overruns: 0,
    eq_pool_refills: 0,
    eq_work_rounds: 0,
  };
  private readonly sizes: OdpEventQueueSizes;

  constructor(sizes: OdpEventQueueSizes) {
    this.sizes = sizes;
  }

  /** Takes events that arrive at one moment. */
  arrive(nrEvents: number): void {
    const { entries, records, workers } = this.sizes;
    const { counters } = this;
    counters.eq_events += nrEvents;
    counters.eq_overruns += Math.max(0, nrEvents - entries);
    for (let left = nrEvents; left > 0; left -= records) {
      const nrTaken = Math.min(left, records);
      counters.eq_work_rounds += Math.ceil(nrTaken / workers);
      if (left > records) counters.eq_pool_refills++;
    }
  }
}
