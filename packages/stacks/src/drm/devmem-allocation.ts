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

/** Frames are kept in pieces, because a device's lie in a few places of a large space. */
const PIECE_SHIFT = 13;
const PIECE_MASK = (1 << PIECE_SHIFT) - 1;

/** All allocations of one device, oldest first, and which page belongs to which. */
export class DevmemAllocations {
  private readonly pieces = new Map<number, (DevmemAllocation | undefined)[]>();
  private readonly live = new Set<DevmemAllocation>();

  /** Notes that frames from `head` on belong to an allocation. */
  add(allocation: DevmemAllocation, head: number, nrPages: number): void {
    if (allocation.nrUsed === 0) this.live.add(allocation);
    allocation.nrUsed += nrPages;
    for (let pfn = head; pfn < head + nrPages; pfn++) {
      this.pieceOf(pfn)[pfn & PIECE_MASK] = allocation;
    }
  }

  /** The allocation of a frame in use. */
  of(pfn: number): DevmemAllocation | undefined {
    return this.pieces.get(pfn >>> PIECE_SHIFT)?.[pfn & PIECE_MASK];
  }

  /** Forgets freed frames; an allocation without any is gone. */
  remove(head: number, nrPages: number): void {
    for (let pfn = head; pfn < head + nrPages; pfn++) {
      const piece = this.pieceOf(pfn);
      const allocation = piece[pfn & PIECE_MASK];
      if (allocation === undefined) continue;
      piece[pfn & PIECE_MASK] = undefined;
      allocation.nrUsed--;
      if (allocation.nrUsed === 0) this.live.delete(allocation);
    }
  }

  /** As they are now, oldest first. */
  all(): DevmemAllocation[] {
    return [...this.live];
  }

  /** Every frame in use with its allocation, ascending within a piece. */
  *frames(): Iterable<[number, DevmemAllocation]> {
    for (const [number, piece] of this.pieces) {
      for (const [i, allocation] of piece.entries()) {
        if (allocation !== undefined) yield [number * (PIECE_MASK + 1) + i, allocation];
      }
    }
  }

  /** Frames of an allocation, ascending. */
  framesOf(allocation: DevmemAllocation): number[] {
    const frames = [...this.frames()].filter(([, owner]) => owner === allocation);
    return frames.map(([pfn]) => pfn).toSorted((a, b) => a - b);
  }

  private pieceOf(pfn: number): (DevmemAllocation | undefined)[] {
    const number = pfn >>> PIECE_SHIFT;
    let piece = this.pieces.get(number);
    if (piece === undefined) {
      piece = Array.from({ length: PIECE_MASK + 1 });
      this.pieces.set(number, piece);
    }
    return piece;
  }
}
