// The event stream of amdkfd's system management interface, line by line. Mirrors the formats of
// include/uapi/linux/kfd_ioctl.h: addresses and sizes are page numbers in hex, pids decimal after a
// dash, times nanoseconds.

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

const NUMBERS: Readonly<Record<SmiEvent["kind"], number>> = {
  MIGRATE_START: 5,
  MIGRATE_END: 6,
  PAGE_FAULT_START: 7,
  PAGE_FAULT_END: 8,
  QUEUE_EVICTION: 9,
  QUEUE_RESTORE: 10,
  UNMAP_FROM_GPU: 11,
};

const PS_PER_NS = 1000;

/** The line of an event, without its line break. */
export function smiLine(event: SmiEvent, pid: number, nowPs: number): string {
  const ns = Math.floor(nowPs / PS_PER_NS);
  return `${hex(NUMBERS[event.kind])} ${ns} -${pid} ${fields(event)}`;
}

function fields(event: SmiEvent): string {
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
