// Parameters of shared virtual addressing, under the names that scenarios use: how much the IOMMU's
// queue of page requests holds, how a device asks, and how fast the queue is emptied. Defaults are
// those of Intel's VT-d in Linux 7.2.

import {
  findKnobProblems,
  type KnobProblem,
  type KnobRule,
  type KnobTable,
  SWITCH,
  takeKnobs,
  wholeNumber,
} from "../device/check-knobs.ts";

/** All parameters. */
export interface SvaKnobs {
  /** Requests that the hardware's queue holds. The first device's say counts. @defaultValue 2048 */
  readonly "pri.queueEntries": number;
  /** Requests that a device may have outstanding. @defaultValue 2048 */
  readonly "pri.outstandingPerDevice": number;
  /** Bits of a group's number. @defaultValue 9 */
  readonly "pri.groupIndexBits": number;
  /** Most pages that a device asks for in one group. @defaultValue what it may have outstanding */
  readonly "pri.requestPages": number;
  /**
   * Requests that arrive before the queue's interrupt thread runs: what a clock would say.
   * @defaultValue 1, the thread keeps up
   */
  readonly "pri.drainEvery": number;
  /**
   * Arm's way: each stalled access is a group of its own, and there is no PRI. @defaultValue false
   */
  readonly "pri.stallModel": boolean;
  /** Accesses that a device has stalled at once. @defaultValue 1 */
  readonly "pri.stallsInFlight": number;
  /**
   * The number of the group, from 1, that the kernel cannot hand to a worker: it is answered
   * FAILURE, and its device asks for nothing any more. The first device's say counts.
   * @defaultValue 0, none
   */
  readonly "pri.failsGroup": number;
  /**
   * A page of anonymous memory that is not there yet comes by a migration, as the open kernel
   * modules of NVIDIA's driver have it on machines with ATS. @defaultValue false
   */
  readonly "ats.fillByMigration": boolean;
  /**
   * One kernel thread serves all faults of the device, as in that driver, up to 256 at a time.
   * @defaultValue false, a work queue does, which is never full here
   */
  readonly "ats.oneThread": boolean;
}

/** Intel VT-d: 64 KiB of 32-byte descriptors. */
export const INTEL_PRI: SvaKnobs = {
  "pri.queueEntries": 2048,
  "pri.outstandingPerDevice": 2048,
  "pri.groupIndexBits": 9,
  "pri.requestPages": 2048,
  "pri.drainEvery": 1,
  "pri.stallModel": false,
  "pri.stallsInFlight": 1,
  "pri.failsGroup": 0,
  "ats.fillByMigration": false,
  "ats.oneThread": false,
};

/** AMD-Vi: 8 KiB of 16-byte entries, 32 outstanding for each device. */
export const AMD_PRI: SvaKnobs = {
  ...INTEL_PRI,
  "pri.queueEntries": 512,
  "pri.outstandingPerDevice": 32,
};

/** Arm SMMUv3: stalls in place of page requests. */
export const ARM_STALL: SvaKnobs = { ...INTEL_PRI, "pri.stallModel": true };

const TABLE: KnobTable = {
  page: "docs/drivers.md",
  rules: {
    "pri.queueEntries": wholeNumber(1),
    "pri.outstandingPerDevice": wholeNumber(1),
    "pri.groupIndexBits": wholeNumber(1, 16),
    "pri.requestPages": wholeNumber(1),
    "pri.drainEvery": wholeNumber(1),
    "pri.stallModel": SWITCH,
    "pri.stallsInFlight": wholeNumber(1),
    "pri.failsGroup": wholeNumber(0),
    "ats.fillByMigration": SWITCH,
    "ats.oneThread": SWITCH,
  } satisfies Record<keyof SvaKnobs, KnobRule>,
};

/** Every problem of given parameters. */
export function findSvaKnobProblems(given: Readonly<Record<string, unknown>>): KnobProblem[] {
  return findKnobProblems(TABLE, given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function svaKnobs(given: object): SvaKnobs {
  return takeKnobs(TABLE, INTEL_PRI, given);
}
