// struct page / struct folio for every frame of a world, as chunked columns: 17 bytes a frame.
// Mirrors include/linux/mm_types.h. One pfn space holds system and device memory; a chunk of 8192
// frames belongs to one NUMA node or one dev_pagemap. Counts that rarely grow large live in narrow
// columns with overflow maps. Chunks are copied on the first write after a checkpoint.
import type { DevPagemap } from "./dev-pagemap.ts";
import {
  FRAME_ANON_EXCLUSIVE,
  FRAME_FREE,
  FRAME_ORDER_MASK,
  FRAME_PINNED,
  FRAME_TAIL,
} from "./frame-flags.ts";
import { invariant } from "./invariant-error.ts";

/** log2 of the frames in one chunk; 8192 frames are 32 MiB of 4 KiB pages. */
export const FRAME_CHUNK_SHIFT = 13;
/** Frames in one chunk. */
export const FRAME_CHUNK_SIZE: number = 1 << FRAME_CHUNK_SHIFT;
const CHUNK_MASK = FRAME_CHUNK_SIZE - 1;
const MAPCOUNT_OVERFLOW = 0xffff;
const REFS_OVERFLOW = 0xff;

/** The columns of one chunk's frames. */
export interface FrameChunk {
  epoch: number;
  /** NUMA node of the frames, or -1 for device memory. */
  readonly node: number;
  /** The device memory the frames belong to, or null for system memory. */
  readonly pgmap: DevPagemap | null;
  /** What `pgmap` calls the first frame: a page of the device's memory, or of a BAR. */
  readonly devicePage: number;
  /** Order in the low four bits, then FRAME_* flags. */
  readonly flags: Uint16Array;
  /** PTE mappings of this very page; PMD mappings are counted in the large folio's record. */
  readonly mapcount: Uint16Array;
  /** References that are no mappings, on the head page: GUP, swap cache, page cache, drivers. */
  readonly extraRefs: Uint8Array;
  /** Head: id of anon_vma or address_space. First tail: large folio record. Free: list link. */
  readonly rmapOwner: Uint32Array;
  /** Head: linear page index modulo 2^32. Free: list link. */
  readonly rmapIndex: Uint32Array;
  /** Content token of the page; 0 means all zero. */
  readonly content: Uint32Array;
}

/** Bytes of the columns per frame. */
const FRAME_BYTES = 17;

/** A chunk whose columns share one buffer, widest first so that each is aligned. */
function chunkOver(
  buffer: ArrayBuffer,
  { node, pgmap, devicePage }: Pick<FrameChunk, "node" | "pgmap" | "devicePage">,
  epoch: number,
): FrameChunk {
  const n = FRAME_CHUNK_SIZE;
  return {
    epoch,
    node,
    pgmap,
    devicePage,
    rmapOwner: new Uint32Array(buffer, 0, n),
    rmapIndex: new Uint32Array(buffer, 4 * n, n),
    content: new Uint32Array(buffer, 8 * n, n),
    flags: new Uint16Array(buffer, 12 * n, n),
    mapcount: new Uint16Array(buffer, 14 * n, n),
    extraRefs: new Uint8Array(buffer, 16 * n, n),
  };
}

function copyChunk(chunk: FrameChunk, epoch: number): FrameChunk {
  const buffer = chunk.content.buffer.slice(0) as ArrayBuffer;
  return chunkOver(buffer, chunk, epoch);
}

/** All page frames of a world. Pfn 0 never names a page. */
export class FrameTable {
  /** Chunk `i` holds pfns `[i << 13, (i + 1) << 13)`; null where nothing was activated. */
  chunks: (FrameChunk | null)[] = [];
  /** Moves on with each checkpoint; a chunk of an older epoch is copied before it is written. */
  epoch = 1;
  readonly mapcountOverflow: Map<number, number> = new Map();
  readonly refsOverflow: Map<number, number> = new Map();
  /** GUP pins per folio head. */
  readonly pins: Map<number, number> = new Map();

  /**
   * Appends a chunk and returns its first pfn. The first chunk wastes pfn 0 on purpose.
   * @param devicePage what `pgmap` calls the first frame.
   */
  addChunk(node: number, pgmap: DevPagemap | null, devicePage = 0): number {
    const index = this.chunks.length;
    const buffer = new ArrayBuffer(FRAME_CHUNK_SIZE * FRAME_BYTES);
    this.chunks.push(chunkOver(buffer, { node, pgmap, devicePage }, this.epoch));
    return index * FRAME_CHUNK_SIZE;
  }

  /** Gives up a device chunk; its pfns stay unused until `reviveChunk`. */
  dropChunk(firstPfn: number): void {
    this.chunks[firstPfn >>> FRAME_CHUNK_SHIFT] = null;
  }

  /** The chunk of `pfn` for reading. */
  chunkOf(pfn: number): FrameChunk {
    const chunk = this.chunks[pfn >>> FRAME_CHUNK_SHIFT];
    if (chunk === null || chunk === undefined) invariant(false, `no page frame ${pfn}`);
    return chunk;
  }

  /** The chunk of `pfn` for writing: copied first when a checkpoint still needs the old one. */
  ownChunkOf(pfn: number): FrameChunk {
    const chunk = this.chunks[pfn >>> FRAME_CHUNK_SHIFT];
    if (chunk === null || chunk === undefined) invariant(false, `no page frame ${pfn}`);
    if (chunk.epoch === this.epoch) return chunk;
    const copy = copyChunk(chunk, this.epoch);
    this.chunks[pfn >>> FRAME_CHUNK_SHIFT] = copy;
    return copy;
  }

  /** NUMA node of a frame, -1 for device memory. */
  nodeOf(pfn: number): number {
    return this.chunkOf(pfn).node;
  }

  /** The dev_pagemap of a frame, or null for system memory. */
  pgmapOf(pfn: number): DevPagemap | null {
    return this.chunkOf(pfn).pgmap;
  }

  /** The page's number in its device's memory or BAR; meaningless for system memory. */
  devicePageOf(pfn: number): number {
    return this.chunkOf(pfn).devicePage + (pfn & CHUNK_MASK);
  }

  flags(pfn: number): number {
    return this.chunkOf(pfn).flags[pfn & CHUNK_MASK] as number;
  }

  setFlags(pfn: number, flags: number): void {
    this.ownChunkOf(pfn).flags[pfn & CHUNK_MASK] = flags;
  }

  /** Sets flag bits on exactly this page. */
  addFlags(pfn: number, mask: number): void {
    const flags = this.ownChunkOf(pfn).flags;
    const i = pfn & CHUNK_MASK;
    flags[i] = (flags[i] as number) | mask;
  }

  /** Clears flag bits on exactly this page. */
  clearFlags(pfn: number, mask: number): void {
    const flags = this.ownChunkOf(pfn).flags;
    const i = pfn & CHUNK_MASK;
    flags[i] = (flags[i] as number) & ~mask;
  }

  /** Order of the folio that holds the page. */
  order(pfn: number): number {
    return this.flags(pfn) & FRAME_ORDER_MASK;
  }

  /** First page of the folio that holds the page; folios are naturally aligned. */
  head(pfn: number): number {
    const flags = this.flags(pfn);
    if ((flags & FRAME_TAIL) === 0) return pfn;
    const order = flags & FRAME_ORDER_MASK;
    return ((pfn >>> order) << order) >>> 0;
  }

  /** PageAnonExclusive of this very page. */
  isAnonExclusive(pfn: number): boolean {
    return (this.flags(pfn) & FRAME_ANON_EXCLUSIVE) !== 0;
  }

  content(pfn: number): number {
    return this.chunkOf(pfn).content[pfn & CHUNK_MASK] as number;
  }

  setContent(pfn: number, token: number): void {
    this.ownChunkOf(pfn).content[pfn & CHUNK_MASK] = token;
  }

  rmapOwner(pfn: number): number {
    return this.chunkOf(pfn).rmapOwner[pfn & CHUNK_MASK] as number;
  }

  rmapIndex(pfn: number): number {
    return this.chunkOf(pfn).rmapIndex[pfn & CHUNK_MASK] as number;
  }

  /** Sets the reverse mapping of a folio head: owner id and linear page index (kept mod 2^32). */
  setRmap(pfn: number, owner: number, index: number): void {
    const chunk = this.ownChunkOf(pfn);
    chunk.rmapOwner[pfn & CHUNK_MASK] = owner;
    chunk.rmapIndex[pfn & CHUNK_MASK] = index;
  }

  /** PTE mappings of this very page. */
  pageMapcount(pfn: number): number {
    const count = this.chunkOf(pfn).mapcount[pfn & CHUNK_MASK] as number;
    return count === MAPCOUNT_OVERFLOW ? (this.mapcountOverflow.get(pfn) as number) : count;
  }

  /** Adds `delta` to the PTE mappings of this very page and returns the new count. */
  addPageMapcount(pfn: number, delta: number): number {
    const column = this.ownChunkOf(pfn).mapcount;
    const i = pfn & CHUNK_MASK;
    const stored = column[i] as number;
    const old = stored === MAPCOUNT_OVERFLOW ? (this.mapcountOverflow.get(pfn) as number) : stored;
    const count = old + delta;
    if (count < 0) invariant(false, `mapcount of frame ${pfn} fell below zero`);
    if (count < MAPCOUNT_OVERFLOW) {
      column[i] = count;
      if (stored === MAPCOUNT_OVERFLOW) this.mapcountOverflow.delete(pfn);
    } else {
      column[i] = MAPCOUNT_OVERFLOW;
      this.mapcountOverflow.set(pfn, count);
    }
    return count;
  }

  /** References of the folio head that are not mappings. */
  extraRefs(head: number): number {
    const count = this.chunkOf(head).extraRefs[head & CHUNK_MASK] as number;
    return count === REFS_OVERFLOW ? (this.refsOverflow.get(head) as number) : count;
  }

  /** Adds `delta` references that are not mappings and returns how many there are now. */
  addExtraRefs(head: number, delta: number): number {
    const column = this.ownChunkOf(head).extraRefs;
    const i = head & CHUNK_MASK;
    const stored = column[i] as number;
    const old = stored === REFS_OVERFLOW ? (this.refsOverflow.get(head) as number) : stored;
    const count = old + delta;
    if (count < 0) invariant(false, `references of frame ${head} fell below zero`);
    if (count < REFS_OVERFLOW) {
      column[i] = count;
      if (stored === REFS_OVERFLOW) this.refsOverflow.delete(head);
    } else {
      column[i] = REFS_OVERFLOW;
      this.refsOverflow.set(head, count);
    }
    return count;
  }

  /** GUP pins of the folio; each pin also holds one extra reference. */
  pinCount(head: number): number {
    return (this.flags(head) & FRAME_PINNED) === 0 ? 0 : (this.pins.get(head) ?? 0);
  }

  /** Adds or removes pins together with their references. */
  addPins(head: number, delta: number): void {
    const count = this.pinCount(head) + delta;
    if (count < 0) invariant(false, `pins of frame ${head} fell below zero`);
    if (count === 0) {
      this.pins.delete(head);
      this.clearFlags(head, FRAME_PINNED);
    } else {
      this.pins.set(head, count);
      this.addFlags(head, FRAME_PINNED);
    }
    this.addExtraRefs(head, delta);
  }

  /** True when the page was given back; pages inside a larger free block may say false. */
  isFree(pfn: number): boolean {
    return (this.flags(pfn) & FRAME_FREE) !== 0;
  }

  /** Bytes held by the columns of all activated chunks. */
  sizeBytes(): number {
    let chunks = 0;
    for (const chunk of this.chunks) if (chunk !== null) chunks++;
    return chunks * FRAME_CHUNK_SIZE * FRAME_BYTES;
  }
}
