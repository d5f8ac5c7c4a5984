// What a fault of a responder does to the requester at the other end: it is told that the receiver
// is not ready, and sends again when its timer has run out, whether the fault is served by then or
// not. Hardware does this, and no driver: mlx5 in Linux 7.2 has no such timer.
import { EIO } from "@faultline/core";
import type { OdpKnobs } from "./odp-knobs.ts";

const PS_PER_US = 1_000_000;
const PS_PER_MS = 1_000_000_000;
/** The value of a queue pair's RNR retry count that stands for no limit. */
const WITHOUT_END = 7;

/** What requesters have been through. */
export interface RnrCounters {
  /** Times that a requester was told to wait. */
  rnr_naks: number;
  /** Requesters that gave up: their queue pair is in error state. */
  rnr_retry_exceeded: number;
}

/** The timer of the requesters of one NIC. */
export class RnrTimer {
  readonly counters: RnrCounters = { rnr_naks: 0, rnr_retry_exceeded: 0 };
  /** From one attempt of a requester to the next; 0 where faults are not a responder's. */
  private readonly periodPs: number;
  private readonly limit: number;

  constructor(knobs: OdpKnobs) {
    const isRequester = knobs["odp.scheme"] === "wqe" && knobs["odp.wqeSide"] === "requester";
    const timerPs = isRequester ? 0 : Math.round(knobs["odp.rnrTimerUs"] * PS_PER_US);
    // The packet that is sent again is lost, and missed when its acknowledgement does not come.
    const isLost = timerPs > 0 && knobs["odp.packetLossOnNak"];
    this.periodPs = timerPs + (isLost ? Math.round(knobs["odp.ackTimeoutMs"] * PS_PER_MS) : 0);
    this.limit =
      knobs["odp.rnrRetry"] === WITHOUT_END ? Number.POSITIVE_INFINITY : knobs["odp.rnrRetry"];
  }

  /** A fault is raised, and its requester told to wait. @returns 0, or -EIO where it may not. */
  refuse(): number {
    if (this.periodPs === 0) return 0;
    this.counters.rnr_naks++;
    return this.limit === 0 ? this.giveUp() : 0;
  }

  /**
   * The fault has been served.
   * @param waitedPs since it was raised.
   * @returns picoseconds until the requester sends again, or -EIO: it has given up before.
   */
  sendsAgainAfter(waitedPs: number): number {
    if (this.periodPs === 0) return 0;
    const attempt = Math.max(1, Math.ceil(waitedPs / this.periodPs));
    this.counters.rnr_naks += Math.min(attempt, this.limit) - 1;
    if (attempt > this.limit) return this.giveUp();
    return attempt * this.periodPs - waitedPs;
  }

  private giveUp(): number {
    this.counters.rnr_retry_exceeded++;
    return -EIO;
  }
}
