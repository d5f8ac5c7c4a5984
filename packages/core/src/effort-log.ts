// What the kernel would spend: an ordered list of work items that a profile later prices.
// Written on hot paths, so it is columns of fixed size and equal neighbours are counted together.
// A reader drains it after each verb; when nobody does, totals stay right and only order is lost.
// Drivers add what they do themselves, and in which stage of a device fault all of it happens.
import { NO_STAGE } from "./fault-stage.ts";

/** PTEs looked at by a walk. */
export const EFFORT_PTE_WALK = 0;
/** PTEs or PMD leaves written. */
export const EFFORT_PTE_SET = 1;
/** Page tables allocated. */
export const EFFORT_TABLE_ALLOC = 2;
/** Page tables freed. */
export const EFFORT_TABLE_FREE = 3;
/** Folios allocated: `order`, `to` = place. */
export const EFFORT_FOLIO_ALLOC = 4;
/** Folios freed: `order`, `from` = place. */
export const EFFORT_FOLIO_FREE = 5;
/** Pages zeroed: `to` = place. */
export const EFFORT_PAGE_ZERO = 6;
/** Pages copied: `from`, `to` = places. */
export const EFFORT_PAGE_COPY = 7;
/** TLB flushes: `order` of the flushed range, `from` = CPU mask. */
export const EFFORT_TLB_FLUSH = 8;
/** mmu notifier callbacks run. */
export const EFFORT_NOTIFIER_CALL = 9;
/** Locks taken: `from` = EFFORT_LOCK_*. */
export const EFFORT_LOCK = 10;
/** VMAs visited by a reverse-mapping walk. */
export const EFFORT_RMAP_VISIT = 11;
/** VMAs allocated, split, merged or freed. */
export const EFFORT_VMA_CHANGE = 12;
/** Exceptions taken by a CPU: one per page fault. */
export const EFFORT_FAULT_ENTRY = 13;
/** Pages written to or read from swap: `from` or `to` = place. */
export const EFFORT_SWAP_IO = 14;
/** PMD leaves or large folios split. */
export const EFFORT_SPLIT = 15;
/** Pages compared or checksummed (KSM). */
export const EFFORT_PAGE_COMPARE = 16;

/** Ranges of I/O virtual addresses taken from an IOMMU domain: one for each DMA mapping. */
export const EFFORT_IOVA_ALLOC = 17;
/** Entries of an IOMMU's page table written or cleared. */
export const EFFORT_IOPTE_SET = 18;
/** IOTLB flushes, however many entries each covers. */
export const EFFORT_IOTLB_SYNC = 19;

/** Number of the kernel's kinds, which are 0 to this, exclusive. */
export const NR_EFFORT_KINDS = 20;

/**
 * A driver's own work in the item's stage: folios of `order`, or flushes in STAGE_INVALIDATE;
 * `from` = place of the device. No kernel kind: profiles price it by stage.
 */
export const EFFORT_DRIVER_WORK = 20;

/**
 * A driver begins with a range that it serves as one: `order` 1 when its device has never used it,
 * `from` = place of the device. What is priced by range is priced anew after it.
 */
export const EFFORT_DRIVER_RANGE = 21;

/**
 * Jobs that a driver hands its copy engine for the pages that the step copies; `from` = place of
 * the device. Without any a step's copies are one job.
 */
export const EFFORT_DRIVER_COPY_JOB = 22;

const NR_DRIVER_KINDS = 3;

/** Kernel-facing names of the kernel's kinds, in order; used in tables and documents. */
export const EFFORT_KIND_NAMES: readonly string[] = [
  "pte_walk",
  "pte_set",
  "table_alloc",
  "table_free",
  "folio_alloc",
  "folio_free",
  "page_zero",
  "page_copy",
  "tlb_flush",
  "notifier_call",
  "lock",
  "rmap_visit",
  "vma_change",
  "fault_entry",
  "swap_io",
  "split",
  "page_compare",
  "iova_alloc",
  "iopte_set",
  "iotlb_sync",
];

/** The mmap_lock of an mm, for reading. */
export const EFFORT_LOCK_MMAP_READ = 1;
/** The mmap_lock of an mm, for writing. */
export const EFFORT_LOCK_MMAP_WRITE = 2;
/** The lock of one VMA, for reading. */
export const EFFORT_LOCK_VMA_READ = 3;
/** The lock of a page table. */
export const EFFORT_LOCK_PTE = 4;
/** The lock of a folio. */
export const EFFORT_LOCK_FOLIO = 5;
/** The lock of an anon_vma or of a file's i_mmap. */
export const EFFORT_LOCK_RMAP = 6;

/** Places: NUMA node `n` is `n`; device `d` is `EFFORT_PLACE_DEVICE + d`; the swap device. */
export const EFFORT_PLACE_DEVICE = 1024;
/** The place of what is on the swap device. */
export const EFFORT_PLACE_SWAP = 4096;

/** One work item as a reader sees it. */
export interface EffortItem {
  readonly kind: number;
  readonly count: number;
  readonly order: number;
  readonly from: number;
  readonly to: number;
}

/** The ordered log and its totals. */
export class EffortLog {
  readonly capacity: number;
  length = 0;
  /** True once items were dropped because nobody drained the log. */
  truncated = false;
  /** The stage, STAGE_*, of a device fault that new items are part of; NO_STAGE outside of any. */
  stage: number = NO_STAGE;
  /** Called when the log is full, to read and clear it; without it what follows is dropped. */
  onFull: (() => void) | null = null;
  /** Columns, of which the first `length` rows count; for readers on hot paths. */
  readonly kind: Uint8Array;
  readonly order: Uint8Array;
  readonly stages: Uint8Array;
  readonly count: Float64Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Sum of counts per kind since the world began. */
  readonly totals: Float64Array = new Float64Array(NR_EFFORT_KINDS + NR_DRIVER_KINDS);

  constructor(capacity = 1024) {
    this.capacity = capacity;
    this.kind = new Uint8Array(capacity);
    this.order = new Uint8Array(capacity);
    this.stages = new Uint8Array(capacity);
    this.count = new Float64Array(capacity);
    this.from = new Uint32Array(capacity);
    this.to = new Uint32Array(capacity);
  }

  /** Notes `count` units of work; merges with the item before when all else is equal. */
  add(kind: number, count: number, order = 0, from = 0, to = 0): void {
    this.totals[kind] = (this.totals[kind] as number) + count;
    const last = this.length - 1;
    if (
      last >= 0 &&
      this.kind[last] === kind &&
      this.stages[last] === this.stage &&
      this.order[last] === order &&
      this.from[last] === from &&
      this.to[last] === to
    ) {
      this.count[last] = (this.count[last] as number) + count;
      return;
    }
    if (this.length === this.capacity) this.onFull?.();
    if (this.length === this.capacity) {
      this.truncated = true;
      return;
    }
    const i = this.length++;
    this.kind[i] = kind;
    this.stages[i] = this.stage;
    this.order[i] = order;
    this.count[i] = count;
    this.from[i] = from;
    this.to[i] = to;
  }

  /**
   * What follows is part of a stage.
   * @returns the stage so far, to go back to.
   */
  enterStage(stage: number): number {
    const before = this.stage;
    this.stage = stage;
    return before;
  }

  /** The item at position `i`. */
  at(i: number): EffortItem {
    return {
      kind: this.kind[i] as number,
      count: this.count[i] as number,
      order: this.order[i] as number,
      from: this.from[i] as number,
      to: this.to[i] as number,
    };
  }

  /** All items since the last `clear`. */
  items(): EffortItem[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  /** Forgets the ordered items; totals stay. */
  clear(): void {
    this.length = 0;
    this.truncated = false;
  }
}
