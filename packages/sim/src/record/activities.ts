// What a fault's time is spent on: the stages of a device fault, one vocabulary for all vendors,
// and the waits. Stages come first, so that an activity is one small number.
import { STAGE_NAMES } from "@faultline/core";
import { WAIT_NAMES, type WaitName } from "../wait/wait-kinds.ts";

export {
  STAGE_DETECT,
  STAGE_DELIVER,
  STAGE_FETCH,
  STAGE_RESOLVE,
  STAGE_RANGE_FAULT,
  STAGE_UNMAP,
  STAGE_DMA_MAP,
  STAGE_COPY,
  STAGE_MAP,
  STAGE_INVALIDATE,
  STAGE_REPLAY,
  STAGE_NAMES,
} from "@faultline/core";

/** The name of a stage. */
export type StageName = (typeof STAGE_NAMES)[number];

/** Stages, which are 0 to this, exclusive. */
export const NR_STAGES: number = STAGE_NAMES.length;

/** Names of stages, then of waits, in the order of their numbers. */
export const ACTIVITY_NAMES: readonly (StageName | WaitName)[] = [...STAGE_NAMES, ...WAIT_NAMES];

/** Stages and waits together. */
export const NR_ACTIVITIES: number = ACTIVITY_NAMES.length;

/** A kind of wait, WAIT_*, as an activity. */
export function waitActivity(kind: number): number {
  return NR_STAGES + kind;
}

/** Access that faulted: a read. */
export const ACCESS_READ = 0;
/** Access that faulted: a write. */
export const ACCESS_WRITE = 1;
/** Access that faulted: an atomic. */
export const ACCESS_ATOMIC = 2;
/** No access: somebody asked for the page ahead of time. */
export const ACCESS_PREFETCH = 3;

/** The names of accesses, in the order of their numbers. */
export const ACCESS_NAMES = ["read", "write", "atomic", "prefetch"] as const;
