// The event stream that UVM gives to profilers, with the numbers of uvm_types.h. Nobody listens by
// default, and then nothing is made. Pages where the driver has byte addresses; one time, where it
// has separate ones of CPU and GPU.
import type { DeviceFaultKind } from "../device/device-stack.ts";
import type { UvmProcessor } from "./select-residency.ts";

/** Numbers of the events. */
export const UVM_EVENT_TYPES = {
  CpuFault: 1,
  Migration: 2,
  GpuFault: 3,
  GpuFaultReplay: 4,
  FaultBufferOverflow: 5,
  FatalFault: 6,
  ReadDuplicate: 7,
  ReadDuplicateInvalidate: 8,
  PageSizeChange: 9,
  ThrashingDetected: 10,
  ThrottlingStart: 11,
  ThrottlingEnd: 12,
  MapRemote: 13,
  Eviction: 14,
} as const;

/** Numbers of the reasons for a migration. */
export const UVM_MIGRATION_CAUSES = {
  user: 1,
  coherence: 2,
  prefetch: 3,
  eviction: 4,
  access_counters: 5,
} as const;

/** Why pages move. */
export type UvmMigrationCause = keyof typeof UVM_MIGRATION_CAUSES;

/** One event. */
export interface UvmEvent {
  readonly type: keyof typeof UVM_EVENT_TYPES;
  readonly timePs: number;
  /** First page; 0 for events that are about no page. */
  readonly page: number;
  readonly nrPages: number;
  /** Who faults, asks, is throttled or loses pages; the source of a migration. */
  readonly processor: UvmProcessor;
  /** Where pages go or are mapped from; null for events without. */
  readonly destination: UvmProcessor | null;
  /** Of a fault; null for other events. */
  readonly access: DeviceFaultKind | null;
  /** Of a migration; null for other events. */
  readonly cause: UvmMigrationCause | null;
  /** All faults of one replay share it; 0 for events without. */
  readonly batchId: number;
}

/** What every event needs; the rest has defaults. */
export type UvmEventSpec = Pick<UvmEvent, "type" | "processor"> & Partial<Omit<UvmEvent, "timePs">>;

/** An event at a time. */
export function createUvmEvent(timePs: number, spec: UvmEventSpec): UvmEvent {
  const none = { page: 0, nrPages: 0, destination: null, access: null, cause: null, batchId: 0 };
  return { timePs, ...none, ...spec };
}
