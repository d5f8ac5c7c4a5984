// One direction of a link: what it can carry, what it carries, and what it has carried.
import type { FlowClass } from "./flow-class.ts";
import type { FlowGroup } from "./flow-group.ts";

/** What happens to transfers over a link that goes down. */
export type DownMode = "stall" | "fail";

/** A direction of a link, made with it. Rates are 10^6 bytes per second, 10^-6 byte per ps. */
export class Lane {
  readonly name: string;
  readonly latencyPs: number;
  /** Whether a transfer has to arrive as a whole before its next hop begins. */
  readonly isStoreAndForward: boolean;
  /** What it carries when it is up, in 10^6 bytes per second. */
  megabytesPerSec: number;
  /** Null while it is up. */
  down: DownMode | null = null;
  /** Bytes carried; those of a transfer count when it has left the lane or is given up. */
  bytes = 0;
  /** Transfers that have left it whole. */
  nrTransfers = 0;
  /** Time during which at least one transfer was on it, up to the last change. */
  busyPs = 0;
  /** Transfers on it. */
  nrFlows = 0;
  /** The most there ever were. */
  maxFlows = 0;

  // From here on: the bookkeeping of fair sharing, by FlowGroup.
  /** The lanes that any route connects with this one. @internal */
  group: FlowGroup;
  /** Classes of transfers that pass here, with or without any. @internal */
  readonly classes: FlowClass[] = [];
  /** Transfers that this lane holds back. */
  nrOwn = 0;
  /** Whether transfers pass here that a tighter lane holds back. */
  hasForeign = false;
  /** Work done and not yet given to a flow, in 10^-6 byte. */
  carry = 0;
  /** While rates are decided: capacity and flows that are left. */
  restCapacity = 0;
  nrOpen = 0;

  /** @internal */
  constructor(
    name: string,
    spec: {
      readonly megabytesPerSec: number;
      readonly latencyPs: number;
      readonly isStoreAndForward: boolean;
    },
    group: FlowGroup,
  ) {
    this.name = name;
    this.megabytesPerSec = spec.megabytesPerSec;
    this.latencyPs = spec.latencyPs;
    this.isStoreAndForward = spec.isStoreAndForward;
    this.group = group;
    group.lanes.push(this);
  }

  /** What it carries now. */
  get capacity(): number {
    return this.down === null ? this.megabytesPerSec : 0;
  }

  /** What it carried as a share of what it could have carried since the beginning, 0 to 1. */
  utilisation(nowPs: number): number {
    return nowPs === 0 ? 0 : (this.bytes * 1e6) / (this.megabytesPerSec * nowPs);
  }
}
