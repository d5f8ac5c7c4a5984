// The event stream of amdkfd's system management interface, line by line. Mirrors the formats of
// include/uapi/linux/kfd_ioctl.h: addresses and sizes are page numbers in hex, times nanoseconds,
// pids decimal after a dash, and hex where a program begins, ends or dies.

/** Why pages migrate. */
export const KFD_MIGRATE_TRIGGER_PREFETCH = 0;
/** A GPU's fault. */
export const KFD_MIGRATE_TRIGGER_PAGEFAULT_GPU = 1;
/** A CPU's fault. */
export const KFD_MIGRATE_TRIGGER_PAGEFAULT_CPU = 2;
/** Pressure on device memory. */
export const KFD_MIGRATE_TRIGGER_TTM_EVICTION = 3;

/** One event, before it is text. */
export type SmiEvent =
  | {
      /** A fault that ends the program's access, or that a program begins or ends on a GPU. */
      readonly kind: "VMFAULT" | "PROCESS_START" | "PROCESS_END";
      readonly taskName: string;
    }
  | {
      readonly kind: "MIGRATE_START";
      readonly start: number;
      readonly nrPages: number;
      readonly from: number;
      readonly to: number;
      readonly prefetchLoc: number;
      readonly preferredLoc: number;
      readonly trigger: number;
    }
  | {
      readonly kind: "MIGRATE_END";
      readonly start: number;
      readonly nrPages: number;
      readonly from: number;
      readonly to: number;
      readonly trigger: number;
      readonly error: number;
    }
  | {
      readonly kind: "PAGE_FAULT_START" | "PAGE_FAULT_END";
      readonly page: number;
      readonly node: number;
      /** R or W at the start, M or U at the end. */
      readonly letter: "R" | "W" | "M" | "U";
    }
  | { readonly kind: "QUEUE_EVICTION"; readonly node: number; readonly trigger: number }
  | { readonly kind: "QUEUE_RESTORE"; readonly node: number; readonly isRescheduled: boolean }
  | {
      readonly kind: "UNMAP_FROM_GPU";
      readonly start: number;
      readonly nrPages: number;
      readonly node: number;
      readonly trigger: number;
    };

/**
 * The events by number. THERMAL_THROTTLE, GPU_PRE_RESET and GPU_POST_RESET are missing: nothing
 * here grows hot, and no GPU hangs.
 */
export const SMI_EVENT_NUMBERS: Readonly<Record<SmiEvent["kind"], number>> = {
  VMFAULT: 1,
  MIGRATE_START: 5,
  MIGRATE_END: 6,
  PAGE_FAULT_START: 7,
  PAGE_FAULT_END: 8,
  QUEUE_EVICTION: 9,
  QUEUE_RESTORE: 10,
  UNMAP_FROM_GPU: 11,
  PROCESS_START: 12,
  PROCESS_END: 13,
};

const PS_PER_NS = 1000;

/** The line of an event, without its line break. */
export function smiLine(event: SmiEvent, pid: number, nowPs: number): string {
  const number = hex(SMI_EVENT_NUMBERS[event.kind]);
  switch (event.kind) {
    case "VMFAULT":
      return `${number} ${hex(pid)}:${event.taskName}`;
    case "PROCESS_START":
    case "PROCESS_END":
      return `${number} ${hex(pid)} ${event.taskName}`;
    default:
      return `${number} ${Math.floor(nowPs / PS_PER_NS)} -${pid} ${fields(event)}`;
  }
}

/** Events that carry a time, as everything about shared memory does. */
type TimedEvent = Exclude<SmiEvent, { readonly taskName: string }>;

function fields(event: TimedEvent): string {
  switch (event.kind) {
    case "MIGRATE_START": {
      const { prefetchLoc, preferredLoc, trigger } = event;
      return `${move(event)} ${hex(prefetchLoc)}:${hex(preferredLoc)} ${trigger}`;
    }
    case "MIGRATE_END":
      return `${move(event)} ${event.trigger} ${event.error}`;
    case "PAGE_FAULT_START":
    case "PAGE_FAULT_END":
      return `@${hex(event.page)}(${hex(event.node)}) ${event.letter}`;
    case "QUEUE_EVICTION":
      return `${hex(event.node)} ${event.trigger}`;
    case "QUEUE_RESTORE":
      return `${hex(event.node)} ${event.isRescheduled ? "R" : "0"}`;
    case "UNMAP_FROM_GPU":
      return `@${hex(event.start)}(${hex(event.nrPages)}) ${hex(event.node)} ${event.trigger}`;
  }
}

function move({
  start,
  nrPages,
  from,
  to,
}: Extract<SmiEvent, { kind: "MIGRATE_START" | "MIGRATE_END" }>): string {
  return `@${hex(start)}(${hex(nrPages)}) ${hex(from)}->${hex(to)}`;
}

function hex(value: number): string {
  return value.toString(16);
}
