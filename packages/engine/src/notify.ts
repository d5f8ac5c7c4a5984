// The engine's side of mmu notifiers: announce an invalidation, let it settle, end it.
import {
  EFFORT_NOTIFIER_CALL,
  type MmStruct,
  type MmuNotifierEvent,
  type MmuNotifierRange,
  type OwnerSpace,
  type World,
} from "@faultline/core";
import type { Verb } from "./verb.ts";

/**
 * Announces that `[start, end)` of an mm is about to change and runs the callbacks.
 * @returns the range to end, or null when nobody subscribed to the mm.
 * @kernel include/linux/mmu_notifier.h mmu_notifier_invalidate_range_start (v7.2)
 */
export function mmuNotifierInvalidateRangeStart(
  world: World,
  mm: MmStruct,
  event: MmuNotifierEvent,
  start: number,
  end: number,
  owner: OwnerSpace | null = null,
): MmuNotifierRange | null {
  const subscriptions = mm.notifierSubscriptions;
  if (subscriptions === null) return null;
  const range = { mm, event, start, end, owner, blockable: true };
  const called = subscriptions.invalidateRangeStart(range);
  if (called > 0) world.effort.add(EFFORT_NOTIFIER_CALL, called);
  return range;
}

/**
 * The same for a caller that may not sleep, which only the OOM reaper is.
 * @returns the range to end, null when nobody subscribed, or -EAGAIN when a driver would have to
 * sleep: then there is nothing to end.
 * @kernel include/linux/mmu_notifier.h mmu_notifier_invalidate_range_start_nonblock (v7.2)
 */
export function mmuNotifierInvalidateRangeStartNonblock(
  world: World,
  mm: MmStruct,
  event: MmuNotifierEvent,
  start: number,
  end: number,
): MmuNotifierRange | number | null {
  const subscriptions = mm.notifierSubscriptions;
  if (subscriptions === null) return null;
  const range = { mm, event, start, end, owner: null, blockable: false };
  const called = subscriptions.invalidateRangeStart(range);
  if (called < 0) return called;
  if (called > 0) world.effort.add(EFFORT_NOTIFIER_CALL, called);
  return range;
}

/**
 * Ends what `mmuNotifierInvalidateRangeStart` began.
 * @kernel include/linux/mmu_notifier.h mmu_notifier_invalidate_range_end (v7.2)
 */
export function mmuNotifierInvalidateRangeEnd(range: MmuNotifierRange | null): void {
  range?.mm.notifierSubscriptions?.invalidateRangeEnd();
}

/** The point where a verb lets device fences and other actors run inside its invalidation. */
export function* settle(range: MmuNotifierRange | null): Verb<void> {
  if (range !== null) yield { reason: "notifier", object: range };
}

/** Announces and ends at once, around a change that no other actor can observe half done. */
export function withInvalidation(
  world: World,
  mm: MmStruct,
  event: MmuNotifierEvent,
  start: number,
  end: number,
  change: () => void,
): void {
  const range = mmuNotifierInvalidateRangeStart(world, mm, event, start, end);
  change();
  mmuNotifierInvalidateRangeEnd(range);
}
