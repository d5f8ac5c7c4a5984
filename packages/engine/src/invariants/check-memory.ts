// The free memory of the nodes: their lists, and what they count.
import { FRAME_FREE } from "@faultline/core";
import type { Census } from "./census.ts";

/** Checks the free lists and notes every block in them. */
export function checkFreeMemory({ world, sink, freeBlocks }: Census): void {
  const { frames } = world;
  for (const buddy of world.buddies) {
    let nrFree = buddy.nrUntouched;
    buddy.forEachFreeBlock((pfn, order) => {
      nrFree += 1 << order;
      const where = `of node ${buddy.node}`;
      if (freeBlocks.get(pfn) !== 0) {
        sink.add("frame-owned-twice", `listed twice as free ${where}`, { pfn });
        return;
      }
      freeBlocks.add(pfn, order + 1);
      if (frames.nodeOf(pfn) !== buddy.node) {
        sink.add("frame-owned-twice", `not a frame ${where}`, { pfn });
      }
      if ((frames.flags(pfn) & FRAME_FREE) === 0) {
        sink.add("frame-owned-twice", "listed as free, yet in use", { pfn });
      }
    });
    sink.expectEqual("free-count", `nrFree of node ${buddy.node}`, buddy.nrFree, nrFree);
  }
}
