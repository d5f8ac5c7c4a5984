// mmu_interval_notifier and its sequence protocol. Mirrors mm/mmu_notifier.c.
// The mm's sequence starts at 2: even means idle, odd means that a subscribed range is being
// invalidated. A subscription's own sequence is always odd.
import { EAGAIN } from "./errno.ts";
import { invariant } from "./invariant-error.ts";
import type { MmStruct } from "./mm-struct.ts";
import type { OwnerSpace } from "./owner-space.ts";

/** The mapping itself goes: munmap, mremap, exit. */
export const MMU_NOTIFY_UNMAP = "MMU_NOTIFY_UNMAP";
/** Entries are cleared or replaced; the mapping stays. */
export const MMU_NOTIFY_CLEAR = "MMU_NOTIFY_CLEAR";
/** The rights of a whole range change. */
export const MMU_NOTIFY_PROTECTION_VMA = "MMU_NOTIFY_PROTECTION_VMA";
/** The rights of single entries change. */
export const MMU_NOTIFY_PROTECTION_PAGE = "MMU_NOTIFY_PROTECTION_PAGE";
/** Entries are write-protected for dirty tracking. */
export const MMU_NOTIFY_SOFT_DIRTY = "MMU_NOTIFY_SOFT_DIRTY";
/** A subscription ends. */
export const MMU_NOTIFY_RELEASE = "MMU_NOTIFY_RELEASE";
/** migrate_vma takes pages; `owner` lets a driver skip its own migrations. */
export const MMU_NOTIFY_MIGRATE = "MMU_NOTIFY_MIGRATE";
/** A device takes pages for itself; `owner` says which. */
export const MMU_NOTIFY_EXCLUSIVE = "MMU_NOTIFY_EXCLUSIVE";

/** Why a range is invalidated: enum mmu_notifier_event. */
export type MmuNotifierEvent =
  | typeof MMU_NOTIFY_UNMAP
  | typeof MMU_NOTIFY_CLEAR
  | typeof MMU_NOTIFY_PROTECTION_VMA
  | typeof MMU_NOTIFY_PROTECTION_PAGE
  | typeof MMU_NOTIFY_SOFT_DIRTY
  | typeof MMU_NOTIFY_RELEASE
  | typeof MMU_NOTIFY_MIGRATE
  | typeof MMU_NOTIFY_EXCLUSIVE;

/** struct mmu_notifier_range: one invalidation, in page numbers, end exclusive. */
export interface MmuNotifierRange {
  readonly mm: MmStruct;
  readonly event: MmuNotifierEvent;
  readonly start: number;
  readonly end: number;
  /** For MIGRATE and EXCLUSIVE events: whose migration this is. */
  readonly owner: OwnerSpace | null;
  /** MMU_NOTIFIER_RANGE_BLOCKABLE: callbacks may sleep. */
  readonly blockable: boolean;
}

/** What a driver does when a subscribed range is invalidated; it normally calls setSeq. */
export type MmuIntervalInvalidate = (
  subscription: MmuIntervalNotifier,
  range: MmuNotifierRange,
  curSeq: number,
) => void;

/** A driver's subscription to `[start, end)` of one mm. */
export class MmuIntervalNotifier {
  readonly mm: MmStruct;
  readonly start: number;
  readonly end: number;
  readonly invalidate: MmuIntervalInvalidate;
  invalidateSeq = 1;
  /** Whether its callback has to sleep for a range: it refuses where it must not. */
  needsToBlock: ((range: MmuNotifierRange) => boolean) | null = null;

  constructor(mm: MmStruct, start: number, end: number, invalidate: MmuIntervalInvalidate) {
    this.mm = mm;
    this.start = start;
    this.end = end;
    this.invalidate = invalidate;
  }
}

/** struct mmu_notifier_subscriptions: the notifier state of one mm. */
export class MmuNotifierSubscriptions {
  invalidateSeq = 2;
  /** Invalidations between their start and their end. */
  activeInvalidateRanges = 0;
  readonly intervals: MmuIntervalNotifier[] = [];
  private readonly deferred: (() => void)[] = [];

  /** True while some subscribed range is being invalidated. */
  get isInvalidating(): boolean {
    return (this.invalidateSeq & 1) === 1;
  }

  /** @kernel mm/mmu_notifier.c __mmu_interval_notifier_insert (v7.2) */
  insert(subscription: MmuIntervalNotifier): void {
    if (this.activeInvalidateRanges === 0) {
      this.intervals.push(subscription);
      subscription.invalidateSeq = this.invalidateSeq - 1;
      return;
    }
    if (this.isInvalidating) {
      this.deferred.push(() => this.intervals.push(subscription));
    } else {
      this.invalidateSeq |= 1;
      this.intervals.push(subscription);
    }
    subscription.invalidateSeq = this.invalidateSeq;
  }

  /** @kernel mm/mmu_notifier.c mmu_interval_notifier_remove (v7.2) */
  remove(subscription: MmuIntervalNotifier): void {
    if (this.isInvalidating) this.dropLater(subscription);
    else this.drop(subscription);
  }

  private dropLater(subscription: MmuIntervalNotifier): void {
    this.deferred.push(() => this.drop(subscription));
  }

  private drop(subscription: MmuIntervalNotifier): void {
    const { intervals } = this;
    const at = intervals.lastIndexOf(subscription);
    // Those that come and go with a fault are the last ones.
    if (at === intervals.length - 1) intervals.pop();
    else if (at >= 0) intervals.splice(at, 1);
  }

  /**
   * Begins an invalidation and runs the callbacks of the overlapping subscriptions. What has been
   * called before one refuses stays called, and the invalidation is over.
   * @returns how many callbacks ran, or -EAGAIN when one would have to block and must not.
   * @kernel mm/mmu_notifier.c __mmu_notifier_invalidate_range_start (v7.2)
   */
  invalidateRangeStart(range: MmuNotifierRange): number {
    this.activeInvalidateRanges++;
    let called = 0;
    const { intervals } = this;
    for (let i = 0; i < intervals.length; i++) {
      const subscription = intervals[i] as MmuIntervalNotifier;
      if (subscription.start >= range.end || subscription.end <= range.start) continue;
      this.invalidateSeq |= 1;
      if (!range.blockable && subscription.needsToBlock?.(range) === true) {
        this.invalidateRangeEnd();
        return -EAGAIN;
      }
      called++;
      subscription.invalidate(subscription, range, this.invalidateSeq);
    }
    return called;
  }

  /** @kernel mm/mmu_notifier.c __mmu_notifier_invalidate_range_end (v7.2) */
  invalidateRangeEnd(): void {
    invariant(this.activeInvalidateRanges > 0, "invalidate_range_end without a start");
    this.activeInvalidateRanges--;
    if (this.activeInvalidateRanges > 0 || !this.isInvalidating) return;
    this.invalidateSeq++;
    if (this.deferred.length === 0) return;
    for (const action of this.deferred.splice(0)) action();
  }

  /**
   * The sequence to compute under, or -1 when the caller must wait until an invalidation ends.
   * @kernel mm/mmu_notifier.c mmu_interval_read_begin (v7.2)
   */
  readBegin(subscription: MmuIntervalNotifier): number {
    return subscription.invalidateSeq === this.invalidateSeq ? -1 : subscription.invalidateSeq;
  }
}

/**
 * True when a callback has run since `readBegin` returned `seq`: what was computed is stale.
 * @kernel include/linux/mmu_notifier.h mmu_interval_read_retry (v7.2)
 */
export function mmuIntervalReadRetry(subscription: MmuIntervalNotifier, seq: number): boolean {
  return subscription.invalidateSeq !== seq;
}

/**
 * What an invalidate callback does, under its lock, to make readers retry.
 * @kernel include/linux/mmu_notifier.h mmu_interval_set_seq (v7.2)
 */
export function mmuIntervalSetSeq(subscription: MmuIntervalNotifier, curSeq: number): void {
  subscription.invalidateSeq = curSeq;
}
