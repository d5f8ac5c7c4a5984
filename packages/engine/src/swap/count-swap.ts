// What /proc/vmstat counts of swap. A folio that is all zero is neither written nor read: its slots
// are marked in the zeromap (mm/page_io.c).
import { type World, PSWPIN, PSWPOUT, SWPIN_ZERO, SWPOUT_ZERO, THP_SWPOUT } from "@faultline/core";
import { swapDevice } from "./swap-cache.ts";

/** Counts a page that comes from a slot. */
export function countSwapIn(world: World, slot: number): void {
  world.vmEvents.count(swapDevice(world).zeromap[slot] === 1 ? SWPIN_ZERO : PSWPIN);
}

/** Counts a folio that goes to slots whose content is in place, and remembers zeros. */
export function countSwapOut(world: World, head: number, slots: readonly number[]): void {
  const { content, zeromap } = swapDevice(world);
  const isZero = slots.every((slot) => content[slot] === 0);
  for (const slot of slots) zeromap[slot] = isZero ? 1 : 0;
  world.vmEvents.count(isZero ? SWPOUT_ZERO : PSWPOUT, slots.length);
  const isHuge = world.frames.order(head) === world.geometry.pmdOrder;
  if (isHuge && !isZero) world.vmEvents.count(THP_SWPOUT);
}
