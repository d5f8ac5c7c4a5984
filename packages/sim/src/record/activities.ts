// What a fault's time is spent on: the stages of a device fault, one vocabulary for all vendors,
// and the waits. Stages come first, so that an activity is one small number.
import { WAIT_NAMES, type WaitName } from "../wait/wait-kinds.ts";

/** The device notices that it has no translation. */
export const STAGE_DETECT = 0;
/** The fault travels to whoever handles it: message, interrupt, wake-up. */
export const STAGE_DELIVER = 1;
/** The handler reads the fault out of its buffer. */
export const STAGE_FETCH = 2;
/** The handler finds the mapping and decides what to do. */
export const STAGE_RESOLVE = 3;
/** `hmm_range_fault()` or its like. */
export const STAGE_RANGE_FAULT = 4;
/** CPU mappings are taken away. */
export const STAGE_UNMAP = 5;
/** Pages get addresses that the device can use. */
export const STAGE_DMA_MAP = 6;
/** Contents are copied. */
export const STAGE_COPY = 7;
/** The device's page table is written. */
export const STAGE_MAP = 8;
/** Stale translations are thrown away. */
export const STAGE_INVALIDATE = 9;
/** The device tries again. */
export const STAGE_REPLAY = 10;

/** The names, in the order of their numbers. */
export const STAGE_NAMES = [
  "detect",
  "deliver",
  "fetch",
  "resolve",
  "range_fault",
  "unmap",
  "dma_map",
  "copy",
  "map",
  "invalidate",
  "replay",
] as const;

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
