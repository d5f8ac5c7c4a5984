// Why something waits, in the one vocabulary of all vendors.
import { WAITS } from "@faultline/profiles";

/** A lock that another actor holds. */
export const WAIT_LOCK = 0;
/** A worker, or a place among those that are served. */
export const WAIT_QUEUE = 1;
/** The rest of the batch that a fault is part of. */
export const WAIT_BATCH = 2;
/** A share of a link. */
export const WAIT_LINK = 3;
/** A page that somebody else is moving. */
export const WAIT_MIGRATION = 4;
/** Memory, or a limit on the rate of something. */
export const WAIT_THROTTLE = 5;
/** A CPU, or time that interrupts took from it. */
export const WAIT_CPU = 6;
/** An IOMMU's queue or invalidation. */
export const WAIT_IOMMU = 7;
/** A device, or another actor, that signals when it is done. */
export const WAIT_FENCE = 8;
/** Room in a full fault buffer. */
export const WAIT_BUFFER = 9;

/** The names, in the order of their numbers. */
export const WAIT_NAMES: typeof WAITS = WAITS;

/** The name of a kind of wait. */
export type WaitName = (typeof WAIT_NAMES)[number];

/** Kinds of waits, which are 0 to this, exclusive. */
export const NR_WAITS: number = WAIT_NAMES.length;

/** What a worker does that waits for something to do: no kind of wait, and no fault's time. */
export const IDLE = 255;

/** The name of a kind, `idle` for IDLE. */
export function waitName(kind: number): string {
  return WAIT_NAMES[kind] ?? "idle";
}
