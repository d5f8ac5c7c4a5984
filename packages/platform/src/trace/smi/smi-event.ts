// Events of amdkfd's system management interface, as its text has them. Numbers and fields are
// those of include/uapi/linux/kfd_ioctl.h in Linux 7.2.

/** Names of the events by their number; 0 is none. */
export const SMI_EVENT_NAMES = [
  "NONE",
  "VMFAULT",
  "THERMAL_THROTTLE",
  "GPU_PRE_RESET",
  "GPU_POST_RESET",
  "MIGRATE_START",
  "MIGRATE_END",
  "PAGE_FAULT_START",
  "PAGE_FAULT_END",
  "QUEUE_EVICTION",
  "QUEUE_RESTORE",
  "UNMAP_FROM_GPU",
  "PROCESS_START",
  "PROCESS_END",
] as const;

/** The name of an event. */
export type SmiEventName = (typeof SMI_EVENT_NAMES)[number];

/** Why pages migrate, by code. */
export const MIGRATE_TRIGGERS = ["prefetch", "gpu page fault", "cpu page fault", "ttm eviction"];

/** Why queues are evicted, by code. */
export const EVICTION_TRIGGERS = [
  "svm",
  "userptr",
  "ttm",
  "suspend",
  "criu checkpoint",
  "criu restore",
];

/** Why a GPU loses pages, by code. */
export const UNMAP_TRIGGERS = ["mmu notifier", "mmu notifier of a migration", "unmap from cpu"];

/** One event; fields that its kind does not have are absent. */
export interface ParsedSmiEvent {
  readonly id: number;
  readonly event: SmiEventName;
  /** The line that it stands in, from 1. */
  readonly line: number;
  /** CLOCK_BOOTTIME in nanoseconds; null for kinds without a time. */
  readonly timeNs: bigint | null;
  /** Null for kinds without a process. */
  readonly pid: number | null;
  /** First page, and how many; of a fault the page alone. */
  readonly page: number;
  readonly nrPages: number;
  /** KFD numbers of GPUs; 0 is system memory. */
  readonly from: number;
  readonly to: number;
  readonly prefetchLoc: number;
  readonly preferredLoc: number;
  /** The GPU that faults, whose queues are evicted, that loses pages. */
  readonly node: number;
  readonly trigger: number;
  readonly error: number;
  /** R or W of a fault that begins, M or U of one that ends; 0 or R of restored queues. */
  readonly letter: string;
  /** What kinds without shared memory have behind their number. */
  readonly text: string;
}
