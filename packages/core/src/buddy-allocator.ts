// The free pages of one NUMA node, or of one device: buddy lists of each order with a short stack
// of single pages in front. Mirrors mm/page_alloc.c. Watermarks, zones and migrate types are left
// out. Memory is activated chunk by chunk, so a terabyte that nobody touches costs nothing.
import type { DevPagemap } from "./dev-pagemap.ts";
import { FRAME_FREE, FRAME_ORDER_MASK } from "./frame-flags.ts";
import { FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE, type FrameTable } from "./frame-table.ts";
import { invariant } from "./invariant-error.ts";

const NONE = 0;
/** Single pages are moved between the stack and the buddy lists in blocks of this order. */
const BATCH_ORDER = 6;
const STACK_SIZE = 512;
const CHUNK_MASK = FRAME_CHUNK_SIZE - 1;

/** Allocates and frees naturally aligned blocks of one node. */
export class BuddyAllocator {
  readonly node: number;
  /** Pages the node owns, activated or not: whole blocks of the largest order. */
  readonly nrPages: number;
  nrFree: number;
  private readonly frames: FrameTable;
  private readonly maxOrder: number;
  private readonly heads: Uint32Array;
  private readonly stack: Uint32Array = new Uint32Array(STACK_SIZE);
  private stackSize = 0;
  private nrInactive: number;

  private readonly pgmap: DevPagemap | null;

  constructor(
    frames: FrameTable,
    node: number,
    nrPages: number,
    maxOrder: number,
    pgmap: DevPagemap | null = null,
  ) {
    const usable = nrPages - (nrPages % (1 << maxOrder));
    invariant(usable > 0 || nrPages === 0, `node ${node} is smaller than its largest block`);
    this.frames = frames;
    this.node = node;
    this.pgmap = pgmap;
    this.nrPages = usable;
    this.nrFree = usable;
    this.nrInactive = usable;
    this.maxOrder = maxOrder;
    this.heads = new Uint32Array(maxOrder + 1);
  }

  /**
   * Takes a block of `2^order` pages.
   * @returns its first pfn, or 0 when the node has no block of that size left. The flags, counts
   * and reverse mapping of the pages are zero; their content is whatever the last owner left.
   */
  alloc(order: number): number {
    if (order === 0) {
      if (this.stackSize === 0 && !this.refillStack()) return 0;
      this.nrFree--;
      const pfn = this.stack[--this.stackSize] as number;
      this.frames.setFlags(pfn, 0);
      return pfn;
    }
    const pfn = this.takeBlock(order);
    if (pfn !== 0) this.nrFree -= 1 << order;
    return pfn;
  }

  /** Gives back a block; the caller has cleared counts, references and large folio record. */
  free(pfn: number, order: number): void {
    this.nrFree += 1 << order;
    if (order !== 0) {
      this.insertMerged(pfn, order);
      return;
    }
    if (this.stackSize === STACK_SIZE) this.drainStack(STACK_SIZE / 2);
    this.push(pfn);
  }

  /**
   * Gives back `nrPages` single pages that are neighbours in one chunk, with their counts zero. A
   * long run goes straight to the buddy lists in the largest blocks that fit.
   */
  freeRun(start: number, nrPages: number): void {
    if (nrPages < 1 << BATCH_ORDER) {
      for (let pfn = start; pfn < start + nrPages; pfn++) this.free(pfn, 0);
      return;
    }
    this.nrFree += nrPages;
    const first = start & CHUNK_MASK;
    this.frames.ownChunkOf(start).flags.fill(FRAME_FREE, first, first + nrPages);
    for (let pfn = start, left = nrPages; left > 0; ) {
      const alignment = pfn === 0 ? this.maxOrder : 31 - Math.clz32(pfn & -pfn);
      const order = Math.min(alignment, 31 - Math.clz32(left), this.maxOrder);
      this.insertMerged(pfn, order);
      pfn += 1 << order;
      left -= 1 << order;
    }
  }

  /** Returns every stacked single page to the buddy lists, so that blocks can merge. */
  drain(): void {
    this.drainStack(this.stackSize);
  }

  /** Free blocks per order, single stacked pages counted as order 0. */
  freeBlocks(): number[] {
    const counts = Array.from({ length: this.maxOrder + 1 }, () => 0);
    counts[0] = this.stackSize;
    for (let order = 0; order <= this.maxOrder; order++) {
      let pfn = this.heads[order] as number;
      while (pfn !== NONE) {
        counts[order] = (counts[order] as number) + 1;
        pfn = this.frames.rmapOwner(pfn);
      }
    }
    return counts;
  }

  /** Pages of memory that was never activated; they are free and in no list. */
  get nrUntouched(): number {
    return this.nrInactive;
  }

  /**
   * Visits every listed free block: `2^order` pages from `pfn` on. Stops after as many blocks as
   * the node has pages, so that a list that runs in a circle ends too.
   */
  forEachFreeBlock(visit: (pfn: number, order: number) => void): void {
    for (let i = 0; i < this.stackSize; i++) visit(this.stack[i] as number, 0);
    let left = this.nrPages;
    for (let order = 0; order <= this.maxOrder; order++) {
      let pfn = this.heads[order] as number;
      while (pfn !== NONE && left-- > 0) {
        visit(pfn, order);
        pfn = this.frames.rmapOwner(pfn);
      }
    }
  }

  private refillStack(): boolean {
    const order = Math.min(BATCH_ORDER, this.maxOrder);
    const block = this.takeBlock(order);
    if (block === 0) {
      const single = this.takeBlock(0);
      if (single === 0) return false;
      this.push(single);
      return true;
    }
    // Highest first, so that pages leave the stack in ascending order.
    for (let i = (1 << order) - 1; i >= 0; i--) this.push(block + i);
    return true;
  }

  private push(pfn: number): void {
    this.frames.setFlags(pfn, FRAME_FREE);
    this.frames.setRmap(pfn, 0, 0);
    this.stack[this.stackSize++] = pfn;
  }

  private drainStack(count: number): void {
    const kept = this.stackSize - count;
    for (let i = 0; i < count; i++) this.insertMerged(this.stack[i] as number, 0);
    this.stack.copyWithin(0, count, this.stackSize);
    this.stackSize = kept;
  }

  private takeBlock(order: number): number {
    for (let from = order; from <= this.maxOrder; from++) {
      const pfn = this.heads[from] as number;
      if (pfn === NONE) continue;
      this.unlink(pfn, from);
      this.splitDown(pfn, from, order);
      return pfn;
    }
    if (this.activateChunk()) return this.takeBlock(order);
    if (this.stackSize !== 0 && order !== 0) {
      this.drainStack(this.stackSize);
      return this.takeBlock(order);
    }
    return 0;
  }

  private splitDown(pfn: number, from: number, order: number): void {
    for (let size = from; size > order; ) {
      size--;
      this.link(pfn + (1 << size), size);
    }
  }

  private insertMerged(start: number, startOrder: number): void {
    let pfn = start;
    let order = startOrder;
    while (order < this.maxOrder) {
      const buddy = (pfn ^ (1 << order)) >>> 0;
      const chunk = this.frames.chunks[buddy >>> FRAME_CHUNK_SHIFT];
      if (chunk === null || chunk === undefined) break;
      if (chunk.node !== this.node || chunk.pgmap !== this.pgmap) break;
      if (!this.isListed(buddy, order)) break;
      this.unlink(buddy, order);
      pfn = pfn < buddy ? pfn : buddy;
      order++;
    }
    this.link(pfn, order);
  }

  // A listed block is told from a stacked page by its back link: the first of a list points to
  // itself, every other one to its predecessor, and a stacked page has none.
  private isListed(pfn: number, order: number): boolean {
    const flags = this.frames.flags(pfn);
    return (
      (flags & FRAME_FREE) !== 0 &&
      (flags & FRAME_ORDER_MASK) === order &&
      this.frames.rmapIndex(pfn) !== 0
    );
  }

  private link(pfn: number, order: number): void {
    const next = this.heads[order] as number;
    this.frames.setFlags(pfn, FRAME_FREE | order);
    this.frames.setRmap(pfn, next, pfn);
    if (next !== NONE) this.frames.setRmap(next, this.frames.rmapOwner(next), pfn);
    this.heads[order] = pfn;
  }

  private unlink(pfn: number, order: number): void {
    const next = this.frames.rmapOwner(pfn);
    const previous = this.frames.rmapIndex(pfn);
    if (previous === pfn) {
      this.heads[order] = next;
      if (next !== NONE) this.frames.setRmap(next, this.frames.rmapOwner(next), next);
    } else {
      this.frames.setRmap(previous, next, this.frames.rmapIndex(previous));
      if (next !== NONE) this.frames.setRmap(next, this.frames.rmapOwner(next), previous);
    }
    this.frames.setRmap(pfn, 0, 0);
    this.frames.setFlags(pfn, 0);
  }

  private activateChunk(): boolean {
    if (this.nrInactive === 0) return false;
    const first = this.frames.addChunk(this.node, this.pgmap, this.nrPages - this.nrInactive);
    const size = Math.min(FRAME_CHUNK_SIZE, this.nrInactive);
    this.nrInactive -= size;
    const block = 1 << this.maxOrder;
    // Pfn 0 means "no page", so the world's first block is broken up around it.
    const skip = first === 0 ? block : 0;
    for (let offset = size - block; offset >= skip; offset -= block) {
      this.link(first + offset, this.maxOrder);
    }
    if (skip !== 0) {
      this.splitDown(first, this.maxOrder, 0);
      this.nrFree--;
    }
    return true;
  }
}
