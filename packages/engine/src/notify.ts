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
  const range = { mm, event, start, end, owner };
  const called = subscriptions.invalidateRangeStart(range);
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
