// What one migration allocated in a device's memory: a CPU fault brings all of it back, and pages
// of two allocations are not mapped together. Mirrors struct drm_pagemap_devmem and
// drm_pagemap_zdd.
import { FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE } from "@faultline/core";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;

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
  /** By the chunk of the frame table, of which a device has a few, and the frame's place in it. */
  private readonly chunks = new Map<number, (DevmemAllocation | undefined)[]>();
  private readonly live = new Set<DevmemAllocation>();

  /** Notes that frames from `head` on belong to an allocation. */
  add(allocation: DevmemAllocation, head: number, nrPages: number): void {
    if (allocation.nrUsed === 0) this.live.add(allocation);
    allocation.nrUsed += nrPages;
    for (let pfn = head; pfn < head + nrPages; pfn++) {
      this.chunkOf(pfn)[pfn & FRAME_INDEX] = allocation;
    }
  }

  /** The allocation of a frame in use. */
  of(pfn: number): DevmemAllocation | undefined {
    return this.chunks.get(pfn >>> FRAME_CHUNK_SHIFT)?.[pfn & FRAME_INDEX];
  }

  /** Forgets freed frames; an allocation without any is gone. */
  remove(head: number, nrPages: number): void {
    for (let pfn = head; pfn < head + nrPages; pfn++) {
      const allocation = this.of(pfn);
      if (allocation === undefined) continue;
      this.chunkOf(pfn)[pfn & FRAME_INDEX] = undefined;
      allocation.nrUsed--;
      if (allocation.nrUsed === 0) this.live.delete(allocation);
    }
  }

  /** As they are now, oldest first. */
  all(): DevmemAllocation[] {
    return [...this.live];
  }

  /** Every frame in use with its allocation, ascending within a chunk. */
  *frames(): Iterable<[number, DevmemAllocation]> {
    for (const [number, chunk] of this.chunks) {
      for (const [i, allocation] of chunk.entries()) {
        if (allocation !== undefined) yield [number * FRAME_CHUNK_SIZE + i, allocation];
      }
    }
  }

  /** Frames of an allocation, ascending. */
  framesOf(allocation: DevmemAllocation): number[] {
    const frames = [...this.frames()].filter(([, owner]) => owner === allocation);
    return frames.map(([pfn]) => pfn).toSorted((a, b) => a - b);
  }

  private chunkOf(pfn: number): (DevmemAllocation | undefined)[] {
    const number = pfn >>> FRAME_CHUNK_SHIFT;
    let chunk = this.chunks.get(number);
    if (chunk === undefined) {
      chunk = Array.from({ length: FRAME_CHUNK_SIZE });
      this.chunks.set(number, chunk);
    }
    return chunk;
  }
}
