// What one migration allocated in a device's memory: a CPU fault brings all of it back, and pages
// of two allocations are not mapped together. Mirrors struct drm_pagemap_devmem and
// drm_pagemap_zdd.

/** One allocation. */
export interface DevmemAllocation {
  /** First page and length of the range it was made for. */
  readonly start: number;
  readonly nrPages: number;
  /** Until then CPU faults do not move it. */
  timesliceEndPs: number;
  /** Pages of it that are in use. */
  nrUsed: number;
}

/** All allocations of one device, oldest first, and which page belongs to which. */
export class DevmemAllocations {
  private readonly byPfn = new Map<number, DevmemAllocation>();
  private readonly live = new Set<DevmemAllocation>();

  /** Notes that frames from `head` on belong to an allocation. */
  add(allocation: DevmemAllocation, head: number, nrPages: number): void {
    this.live.add(allocation);
    allocation.nrUsed += nrPages;
    for (let pfn = head; pfn < head + nrPages; pfn++) this.byPfn.set(pfn, allocation);
  }

  /** The allocation of a frame in use. */
  of(pfn: number): DevmemAllocation | undefined {
    return this.byPfn.get(pfn);
  }

  /** Forgets freed frames; an allocation without any is gone. */
  remove(head: number, nrPages: number): void {
    for (let pfn = head; pfn < head + nrPages; pfn++) {
      const allocation = this.byPfn.get(pfn);
      if (allocation === undefined) continue;
      this.byPfn.delete(pfn);
      allocation.nrUsed--;
      if (allocation.nrUsed === 0) this.live.delete(allocation);
    }
  }

  /** As they are now, oldest first. */
  all(): DevmemAllocation[] {
    return [...this.live];
  }

  /** Every frame in use with its allocation. */
  frames(): Iterable<[number, DevmemAllocation]> {
    return this.byPfn;
  }

  /** Frames of an allocation, ascending. */
  framesOf(allocation: DevmemAllocation): number[] {
    const frames = [...this.byPfn].filter(([, owner]) => owner === allocation);
    return frames.map(([pfn]) => pfn).toSorted((a, b) => a - b);
  }
}
