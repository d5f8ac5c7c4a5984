// The memory of one device: a buddy allocator over the frames of its dev_pagemap, which is how GPU
// drivers manage video memory. Frames are activated as they are first needed.
import { BuddyAllocator } from "./buddy-allocator.ts";
import type { DevPagemap } from "./dev-pagemap.ts";
import type { World } from "./world.ts";

/** No NUMA node: private memory that no CPU addresses. */
const NO_NODE = -1;

/** Free and used pages of one device. */
export class DeviceMemory {
  readonly pgmap: DevPagemap;
  readonly nrPages: number;
  private readonly buddy: BuddyAllocator;

  /** @param nrPages size in pages, a multiple of the world's largest block. */
  constructor(world: World, pgmap: DevPagemap, nrPages: number) {
    this.pgmap = pgmap;
    this.nrPages = nrPages;
    const { maxPageOrder } = world.geometry;
    this.buddy = new BuddyAllocator(world.frames, NO_NODE, nrPages, maxPageOrder, pgmap);
    if (!world.pgmaps.includes(pgmap)) world.pgmaps.push(pgmap);
  }

  get nrFree(): number {
    return this.buddy.nrFree;
  }

  /**
   * Takes a naturally aligned block.
   * @returns its first pfn, or 0 when none of that size is left.
   */
  alloc(order: number): number {
    return this.buddy.alloc(order);
  }

  /** Gives a block back; the driver has cleared the counts of its pages. */
  free(pfn: number, order: number): void {
    this.buddy.free(pfn, order);
  }
}
