// Parameters of on-demand paging on a NIC, under the names that scenarios use. Defaults are those
// of mlx5 in Linux 7.2, where the driver has a number.

import {
  DURATION,
  findKnobProblems,
  type KnobProblem,
  type KnobRule,
  type KnobTable,
  oneOf,
  SWITCH,
  takeKnobs,
  wholeNumber,
} from "../device/check-knobs.ts";

/** How the device describes a fault. */
export type OdpScheme = "wqe" | "rdma" | "memory";

/** Whose work request a device runs into: the one that sends, or the one that receives. */
export type WqeSide = "requester" | "responder";

/** All parameters. */
export interface OdpKnobs {
  /** @defaultValue "rdma" */
  readonly "odp.scheme": OdpScheme;
  /** Most bytes that are faulted speculatively. @defaultValue 4 MiB */
  readonly "odp.prefetchMax": number;
  /** Bytes of one packet: what is faulted when the length is not known. @defaultValue 4096 */
  readonly "odp.packetBytes": number;
  /** The remaining length of an RDMA operation is known. @defaultValue true */
  readonly "odp.lengthKnown": boolean;
  /** Pages of one data segment of a work request; 0 for one segment. @defaultValue 0 */
  readonly "odp.segmentPages": number;
  /** Whose work request faults. @defaultValue "requester" */
  readonly "odp.wqeSide": WqeSide;
  /** The data segment has a length of zero, which stands for 2 GiB. @defaultValue false */
  readonly "odp.zeroLength": boolean;
  /** Last data segments whose memory is pinned: they count as mapped. @defaultValue 0 */
  readonly "odp.pinnedSegments": number;
  /**
   * Keys of windows or of lists between the key that is used and the region. @defaultValue 0
   */
  readonly "odp.keyDepth": number;
  /** Such keys that the driver follows. @defaultValue 1, assumed: the device says */
  readonly "odp.keyDepthMax": number;
  /** Bytes that the memory scheme would like before and after what it demands. @defaultValue 0 */
  readonly "odp.memoryBefore": number;
  readonly "odp.memoryAfter": number;
  /** Events of the memory scheme for one demand; only the last is answered. @defaultValue 1 */
  readonly "odp.memoryEvents": number;
  /** Queue pairs that run into the same page at once, each with an event. @defaultValue 1 */
  readonly "odp.faultingQps": number;
  /**
   * Pages of the region's granule: 1, or those of a huge page. A CPU mapping that is smaller than
   * the granule is refused. @defaultValue 1
   */
  readonly "odp.granulePages": number;
  /**
   * Keys are made with ATS, as the posted P2P series makes them. @defaultValue true; it matters
   * where P2P pages are on
   */
  readonly "odp.ats": boolean;
  /** Event work items at a time. @defaultValue 64, assumed: the driver asks firmware */
  readonly "odp.workers": number;
  /** @defaultValue 4096 */
  readonly "odp.eqEntries": number;
  /** Fault records that are allocated beforehand. @defaultValue 64 */
  readonly "odp.recordPool": number;
  /** @defaultValue 1000 */
  readonly "odp.retryBudgetMs": number;
  /** Pages of one child of an implicit region. @defaultValue 2^30 bytes of 4 KiB pages */
  readonly "odp.childPages": number;
  /**
   * The driver has a p2p_allow() callback, and maps what comes back as it always did. Nothing of
   * the kind was posted: what the design `hmm.p2pAllow` invites. @defaultValue false
   */
  readonly "odp.p2pAllow": boolean;
  /**
   * After an error the program sets up a queue pair anew. Without, its accesses end with -EIO, as
   * those of a queue pair in error state do. @defaultValue true
   */
  readonly "odp.reconnects": boolean;
  /**
   * How long a requester waits that was told that the receiver is not ready; 0 for faults that the
   * device does not answer so. Time passes only under a clock. @defaultValue 0
   */
  readonly "odp.rnrTimerUs": number;
  /** How often it tries; 7 stands for no limit. @defaultValue 7 */
  readonly "odp.rnrRetry": number;
  /**
   * The packet that it then sends is lost, as Fukuoka et al. found in 2021, and sent again when no
   * acknowledgement comes. @defaultValue false
   */
  readonly "odp.packetLossOnNak": boolean;
  /** How long it waits for one. @defaultValue 500, assumed: published are hundreds */
  readonly "odp.ackTimeoutMs": number;
  /** Entries of a translation table that one update must be aligned to. @defaultValue 8, assumed */
  readonly "odp.umrAlignment": number;
}

/** mlx5 in 7.2. */
export const DEFAULT_ODP_KNOBS: OdpKnobs = {
  "odp.scheme": "rdma",
  "odp.prefetchMax": 4 * 2 ** 20,
  "odp.packetBytes": 4096,
  "odp.lengthKnown": true,
  "odp.segmentPages": 0,
  "odp.wqeSide": "requester",
  "odp.zeroLength": false,
  "odp.pinnedSegments": 0,
  "odp.keyDepth": 0,
  "odp.keyDepthMax": 1,
  "odp.memoryBefore": 0,
  "odp.memoryAfter": 0,
  "odp.memoryEvents": 1,
  "odp.faultingQps": 1,
  "odp.granulePages": 1,
  "odp.ats": true,
  "odp.workers": 64,
  "odp.eqEntries": 0x1000,
  "odp.recordPool": 64,
  "odp.retryBudgetMs": 1000,
  "odp.childPages": 2 ** 18,
  "odp.p2pAllow": false,
  "odp.reconnects": true,
  "odp.rnrTimerUs": 0,
  "odp.rnrRetry": 7,
  "odp.packetLossOnNak": false,
  "odp.ackTimeoutMs": 500,
  "odp.umrAlignment": 8,
};

const TABLE: KnobTable = {
  page: "docs/drivers.md",
  rules: {
    "odp.scheme": oneOf("wqe", "rdma", "memory"),
    "odp.prefetchMax": wholeNumber(0),
    "odp.packetBytes": wholeNumber(1),
    "odp.lengthKnown": SWITCH,
    "odp.segmentPages": wholeNumber(0),
    "odp.wqeSide": oneOf("requester", "responder"),
    "odp.zeroLength": SWITCH,
    "odp.pinnedSegments": wholeNumber(0),
    "odp.keyDepth": wholeNumber(0),
    "odp.keyDepthMax": wholeNumber(0),
    "odp.memoryBefore": wholeNumber(0),
    "odp.memoryAfter": wholeNumber(0),
    "odp.memoryEvents": wholeNumber(1),
    "odp.faultingQps": wholeNumber(1),
    "odp.granulePages": wholeNumber(1),
    "odp.ats": SWITCH,
    "odp.workers": wholeNumber(1),
    "odp.eqEntries": wholeNumber(1),
    "odp.recordPool": wholeNumber(1),
    "odp.retryBudgetMs": DURATION,
    "odp.childPages": wholeNumber(1),
    "odp.p2pAllow": SWITCH,
    "odp.reconnects": SWITCH,
    "odp.rnrTimerUs": DURATION,
    "odp.rnrRetry": wholeNumber(0, 7),
    "odp.packetLossOnNak": SWITCH,
    "odp.ackTimeoutMs": DURATION,
    "odp.umrAlignment": wholeNumber(1),
  } satisfies Record<keyof OdpKnobs, KnobRule>,
};

/** Every problem of given parameters. */
export function findOdpKnobProblems(given: Readonly<Record<string, unknown>>): KnobProblem[] {
  return findKnobProblems(TABLE, given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function odpKnobs(given: object): OdpKnobs {
  return takeKnobs(TABLE, DEFAULT_ODP_KNOBS, given);
}
