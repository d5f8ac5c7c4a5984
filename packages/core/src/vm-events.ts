// The kernel's event counters as /proc/vmstat has them (enum vm_event_item,
// include/linux/vm_event_item.h), as far as the model can count them exactly. Counts of zones, of
// reclaim by itself and of everything below the page cache are left out.

/** A fault that handle_mm_fault() has completed. */
export const PGFAULT = 0;
/** A fault that had to read from swap. */
export const PGMAJFAULT = 1;
/** A page read from swap. */
export const PSWPIN = 2;
/** A page written to swap. */
export const PSWPOUT = 3;
/** A page of zeros that swap knows without having been read. */
export const SWPIN_ZERO = 4;
/** A page of zeros that is remembered instead of written. */
export const SWPOUT_ZERO = 5;
/** A page that migrate_pages() has moved. */
export const PGMIGRATE_SUCCESS = 6;
/** A page that migrate_pages() could not move. */
export const PGMIGRATE_FAIL = 7;
/** A huge folio that migrate_pages() has moved whole. */
export const THP_MIGRATION_SUCCESS = 8;
/** A page whose entry NUMA balancing has turned into a hint. */
export const NUMA_PTE_UPDATES = 9;
/** A huge entry of these. */
export const NUMA_HUGE_PTE_UPDATES = 10;
/** A fault on a hint. */
export const NUMA_HINT_FAULTS = 11;
/** Such a fault on a folio of the CPU's own node. */
export const NUMA_HINT_FAULTS_LOCAL = 12;
/** A page that moved because of a hint. */
export const NUMA_PAGE_MIGRATE = 13;
/** A huge folio for an anonymous fault. */
export const THP_FAULT_ALLOC = 14;
/** An anonymous fault for which there was no huge folio. */
export const THP_FAULT_FALLBACK = 15;
/** A huge folio for khugepaged or MADV_COLLAPSE. */
export const THP_COLLAPSE_ALLOC = 16;
/** A collapse for which there was no huge folio. */
export const THP_COLLAPSE_ALLOC_FAILED = 17;
/** A huge folio that was split into pages. */
export const THP_SPLIT_PAGE = 18;
/** A huge entry that was split into a table. */
export const THP_SPLIT_PMD = 19;
/** A huge folio written to swap whole. */
export const THP_SWPOUT = 20;

/** The names in /proc/vmstat, in the order of the numbers. */
export const VM_EVENT_NAMES = [
  "pgfault",
  "pgmajfault",
  "pswpin",
  "pswpout",
  "swpin_zero",
  "swpout_zero",
  "pgmigrate_success",
  "pgmigrate_fail",
  "thp_migration_success",
  "numa_pte_updates",
  "numa_huge_pte_updates",
  "numa_hint_faults",
  "numa_hint_faults_local",
  "numa_pages_migrated",
  "thp_fault_alloc",
  "thp_fault_fallback",
  "thp_collapse_alloc",
  "thp_collapse_alloc_failed",
  "thp_split_page",
  "thp_split_pmd",
  "thp_swpout",
] as const;

/** A name in /proc/vmstat. */
export type VmEventName = (typeof VM_EVENT_NAMES)[number];

/** Counts since the world began. */
export class VmEvents {
  private readonly counts = new Float64Array(VM_EVENT_NAMES.length);

  /** Counts an event, or several. */
  count(event: number, nr = 1): void {
    this.counts[event] = (this.counts[event] as number) + nr;
  }

  /** How often an event has happened. */
  of(event: number): number {
    return this.counts[event] as number;
  }

  /** What has happened at least once, by name. */
  byName(): Partial<Record<VmEventName, number>> {
    const found: Partial<Record<VmEventName, number>> = {};
    for (const [event, name] of VM_EVENT_NAMES.entries()) {
      const nr = this.of(event);
      if (nr > 0) found[name] = nr;
    }
    return found;
  }
}
