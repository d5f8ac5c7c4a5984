// Parameters of amdkfd's shared virtual memory, under the names that scenarios use. Defaults are
// those of Linux 7.2.

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
  /** @defaultValue "bounceWholeRange" */
  readonly "kfd.vramToVram": VramToVram;
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
  "kfd.vramToVram": "bounceWholeRange",
};
