// Parameters of amdkfd's shared virtual memory, under the names that scenarios use. Defaults are
// those of Linux 7.2.

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

/**
 * How pages get from one GPU's memory to another's: by way of system memory, the whole range or the
 * granule, or `direct` inside a hive, which Linux leaves to do; outside one that bounces the
 * granule.
 */
export type VramToVram = "bounceWholeRange" | "bounceGranule" | "direct";

/** How duplicates of a retry fault are found: by the driver, by a CAM of the GPU, or not at all. */
export type RetryFilterKind = "software" | "cam" | "off";

/** All parameters. */
export interface KfdKnobs {
  /** Retry faults: without them every page must be mapped before it is used. @defaultValue true */
  readonly "kfd.xnack": boolean;
  /** log2 of the pages of a migration. @defaultValue 9 */
  readonly "kfd.granularityLog2": number;
  /** Largest range, in pages; 0 for what the memory gives: 1/32 of it. @defaultValue 0 */
  readonly "kfd.maxRangePages": number;
  /** @defaultValue "software" */
  readonly "kfd.retryFilter": RetryFilterKind;
  /** How long the filter remembers a fault. @defaultValue 50 us, assumed */
  readonly "kfd.retryFilterAgeUs": number;
  /** Interrupts that a fault raises, one for each wave that runs into it. @defaultValue 1 */
  readonly "kfd.faultBurst": number;
  /** @defaultValue 2 */
  readonly "kfd.dupFaultWindowMs": number;
  /** @defaultValue 1 */
  readonly "kfd.restoreDelayMs": number;
  /**
   * The notifier's sequence is read once for all attempts to collect a range, as in kernels with
   * c08972f55594 and without 342981fff328: what invalidates the range, the collecting itself among
   * it, costs a second. @defaultValue false
   */
  readonly "kfd.staleSequence": boolean;
  /** Bytes of the largest job of the copy engine: a GART window. @defaultValue 4 MiB */
  readonly "kfd.copyWindowBytes": number;
  /** @defaultValue "bounceWholeRange" */
  readonly "kfd.vramToVram": VramToVram;
  /**
   * A GPU outside the holder's hive reaches its memory through the BAR, where both have one owner;
   * Linux leaves it out. @defaultValue false
   */
  readonly "kfd.mapPeerOverPcie": boolean;
}

/** amdkfd in 7.2, with XNACK on. */
export const DEFAULT_KFD_KNOBS: KfdKnobs = {
  "kfd.xnack": true,
  "kfd.granularityLog2": 9,
  "kfd.maxRangePages": 0,
  "kfd.retryFilter": "software",
  "kfd.retryFilterAgeUs": 50,
  "kfd.faultBurst": 1,
  "kfd.dupFaultWindowMs": 2,
  "kfd.restoreDelayMs": 1,
  "kfd.staleSequence": false,
  "kfd.copyWindowBytes": 4 * 2 ** 20,
  "kfd.vramToVram": "bounceWholeRange",
  "kfd.mapPeerOverPcie": false,
};

const SMALLEST_BYTES = 4096;

const TABLE: KnobTable = {
  page: "docs/drivers.md",
  rules: {
    "kfd.xnack": SWITCH,
    "kfd.granularityLog2": wholeNumber(0, 0x1b),
    "kfd.maxRangePages": wholeNumber(0),
    "kfd.retryFilter": oneOf("software", "cam", "off"),
    "kfd.retryFilterAgeUs": DURATION,
    "kfd.faultBurst": wholeNumber(1),
    "kfd.dupFaultWindowMs": DURATION,
    "kfd.restoreDelayMs": DURATION,
    "kfd.staleSequence": SWITCH,
    "kfd.copyWindowBytes": wholeNumber(SMALLEST_BYTES),
    "kfd.vramToVram": oneOf("bounceWholeRange", "bounceGranule", "direct"),
    "kfd.mapPeerOverPcie": SWITCH,
  } satisfies Record<keyof KfdKnobs, KnobRule>,
};

/** Every problem of given parameters. */
export function findKfdKnobProblems(given: Readonly<Record<string, unknown>>): KnobProblem[] {
  return findKnobProblems(TABLE, given);
}

/**
 * The parameters with everything that is not given at its default.
 * @throws ArgumentError naming the first parameter that cannot be taken.
 */
export function kfdKnobs(given: object): KfdKnobs {
  return takeKnobs(TABLE, DEFAULT_KFD_KNOBS, given);
}
