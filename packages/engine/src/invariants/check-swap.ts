// The swap device: every slot counts its users, and the swap cache and its folios know each other.
import { FRAME_SWAPCACHE } from "@faultline/core";
import type { Census } from "./census.ts";

/** Checks the slots. Entries of page tables and page caches have been counted before. */
export function checkSwap({ world, sink, swapUses, refs }: Census): void {
  const { swap, frames } = world;
  if (swap === null) {
    if (swapUses.size > 0) sink.add("swap-count", "swap entries without a swap device");
    return;
  }
  let nrFree = 0;
  for (let slot = 1; slot <= swap.nrSlots; slot++) {
    const count = swap.count[slot] as number;
    const uses = swapUses.get(slot) ?? 0;
    const pfn = swap.cachedPfn[slot] as number;
    sink.expectEqual("swap-count", `count of slot ${slot}`, count, uses);
    if (pfn === 0) {
      if (count === 0) nrFree++;
      continue;
    }
    const head = frames.head(pfn);
    refs.add(head, 1);
    if (swap.slotOfPfn.get(pfn) !== slot) {
      sink.add("swap-cache", `the cached page of slot ${slot} is in another slot`, { pfn });
    }
    if ((frames.flags(head) & FRAME_SWAPCACHE) === 0) {
      sink.add("swap-cache", `the cached page of slot ${slot} does not know`, { pfn });
    }
  }
  sink.expectEqual("swap-count", "the number of free slots", swap.nrFree, nrFree);
  for (const [pfn, slot] of swap.slotOfPfn) {
    if (swap.cachedPfn[slot] === pfn) continue;
    sink.add("swap-cache", `slot ${slot} does not cache the page that says so`, { pfn });
  }
}
