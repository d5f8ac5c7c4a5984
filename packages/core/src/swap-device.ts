// One swap device: reference counts of its slots, the content saved in them, and the swap cache.
// Mirrors mm/swapfile.c and mm/swap_state.c for a synchronous device such as zram.

/** Slots are numbered from 1; 0 never names a slot. */
export class SwapDevice {
  readonly nrSlots: number;
  nrFree: number;
  /** Page-table entries that name the slot. */
  readonly count: Uint16Array;
  readonly content: Uint32Array;
  /** 1 for a slot of a folio that was all zero: it is remembered instead of written (`zeromap`). */
  readonly zeromap: Uint8Array;
  /** Pfn of the cached page of a slot, 0 for none. */
  readonly cachedPfn: Uint32Array;
  /** Slot of a cached page, by pfn. */
  readonly slotOfPfn: Map<number, number> = new Map();
  private next = 1;

  constructor(nrSlots: number) {
    this.nrSlots = nrSlots;
    this.nrFree = nrSlots;
    this.count = new Uint16Array(nrSlots + 1);
    this.content = new Uint32Array(nrSlots + 1);
    this.zeromap = new Uint8Array(nrSlots + 1);
    this.cachedPfn = new Uint32Array(nrSlots + 1);
  }

  /** Finds a free slot, or 0 when the device is full. The caller gives it its first reference. */
  alloc(): number {
    for (let tried = 0; tried < this.nrSlots; tried++) {
      const slot = this.next;
      this.next = this.next === this.nrSlots ? 1 : this.next + 1;
      if (this.count[slot] !== 0 || this.cachedPfn[slot] !== 0) continue;
      this.nrFree--;
      return slot;
    }
    return 0;
  }

  /** True when neither an entry nor the swap cache uses the slot. */
  isUnused(slot: number): boolean {
    return this.count[slot] === 0 && this.cachedPfn[slot] === 0;
  }

  /** Adds or drops references of page-table entries; a slot without any user becomes free. */
  addCount(slot: number, delta: number): void {
    this.count[slot] = (this.count[slot] as number) + delta;
    if (this.isUnused(slot)) this.release(slot);
  }

  /** Puts a page into the swap cache of a slot. */
  cache(slot: number, pfn: number): void {
    this.cachedPfn[slot] = pfn;
    this.slotOfPfn.set(pfn, slot);
  }

  /** Takes a page out of the swap cache; the slot becomes free when no entry names it. */
  uncache(pfn: number): void {
    const slot = this.slotOfPfn.get(pfn);
    if (slot === undefined) return;
    this.slotOfPfn.delete(pfn);
    this.cachedPfn[slot] = 0;
    if (this.isUnused(slot)) this.release(slot);
  }

  private release(slot: number): void {
    this.content[slot] = 0;
    this.zeromap[slot] = 0;
    this.nrFree++;
  }
}
