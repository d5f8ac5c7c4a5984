// A case: what the recording program was asked to do, in terms of a window of pages.

import type { CaseOp } from "./operation.ts";

/** The machine a case ran on: plain, with a zram swap device, or with device-coherent memory. */
export type BootKind = "std" | "swap" | "coh";

/** Bits of `options` (field `x` of a case file). */
export const CASE_SHOWS_UFFD_WP = 1;
/** All CPUs' LRU caches are drained before every state dump. */
export const CASE_DRAINS_LRU = 2;
/** Files 0 to 3 exist, each with 64 sparse pages. */
export const CASE_HAS_FILES = 4;

/** One sequence of operations, replayed from an empty process 0. */
export interface ConformanceCase {
  readonly id: string;
  readonly category: string;
  readonly seed: number;
  readonly boot: BootKind;
  /** Pages of the window; page 0 lies at virtual address 0x100000000. */
  readonly windowPages: number;
  /** The state dump shows the node of each page. */
  readonly numa: boolean;
  /** The state dump shows folio structure and huge mappings. */
  readonly thp: boolean;
  /** CASE_SHOWS_UFFD_WP, CASE_DRAINS_LRU and CASE_HAS_FILES, or-ed. */
  readonly options: number;
  readonly ops: readonly CaseOp[];
}

/** Processes of a case are numbered 0 to 2. */
export const MAX_PROCESSES = 3;
/** Devices 0 and 1 are private; 2 and 3 are coherent and exist in boot `coh` only. */
export const MAX_DEVICES = 4;
