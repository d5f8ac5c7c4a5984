// The test driver's device memory: chunks of frames, free lists of small pages and of PMD-sized
// folios, and who migrated each page. Mirrors the dmirror_chunk part of lib/test_hmm.c.
// The system page that backs a private page in the kernel's driver is left out: its content is kept
// on the device frame itself, and what it remembers in a column beside the chunk.
import { type DevPagemap, type World, invariant } from "@faultline/core";
import { freeZoneDeviceFolio, zoneDevicePageInit } from "@faultline/engine";

/** How much memory the driver adds at a time (DEVMEM_CHUNK_SIZE). */
const DEVMEM_CHUNK_SIZE_BYTES = 256 * 2 ** 20;

/** One chunk of device memory, all small pages or all large folios when it is added. */
export interface DeviceChunk {
  readonly firstPfn: number;
  readonly nrPages: number;
  readonly order: number;
  /** Pages below this offset were never handed out; they are taken from the top. */
  nrUntouched: number;
  /** By page: number of the open file on whose behalf the page was allocated. */
  readonly owners: Uint32Array;
}

/** Allocator of one device's frames. */
export class DeviceMemory {
  readonly chunks: DeviceChunk[] = [];
  /** Pages handed out and not freed yet. */
  nrPagesInUse = 0;
  private readonly world: World;
  private readonly pgmap: DevPagemap;
  /** A coherent device sits at a fixed physical range: it can have one chunk only. */
  private readonly maxChunks: number;
  /** Freed small pages and freed large folios, last freed on top. */
  private readonly freePages: number[] = [];
  private readonly freeFolios: number[] = [];

  constructor(world: World, pgmap: DevPagemap, maxChunks: number) {
    this.world = world;
    this.pgmap = pgmap;
    this.maxChunks = maxChunks;
  }

  /**
   * Takes a folio for an open file.
   * @returns its head, or 0 when the device has no memory of that order left.
   */
  alloc(order: number, file: number): number {
    const head = this.take(order);
    if (head === 0) return 0;
    zoneDevicePageInit(this.world, head, order);
    this.nrPagesInUse += 1 << order;
    const { chunk, offset } = this.locate(head);
    chunk.owners.fill(file, offset, offset + (1 << order));
    return head;
  }

  /** Takes back a folio that nothing uses any more, on the list of its present order. */
  free(head: number, order: number): void {
    freeZoneDeviceFolio(this.world, head);
    this.nrPagesInUse -= 1 << order;
    (order === 0 ? this.freePages : this.freeFolios).push(head);
  }

  /** Adds a chunk of folios of the given order; false when the device cannot grow. */
  addChunk(order: number): boolean {
    if (this.chunks.length >= this.maxChunks) return false;
    const { geometry, blockPages, chunkPages } = this.world;
    const nrPages = Math.max(DEVMEM_CHUNK_SIZE_BYTES / 2 ** geometry.pageShift, blockPages);
    const nrChunks = Math.ceil(nrPages / chunkPages);
    const firstPfn = this.world.addDeviceChunks(this.pgmap, nrChunks);
    // The very first frame of a world names no page, so a chunk there would be short of one.
    invariant(firstPfn !== 0, "device memory before system memory");
    const owners = new Uint32Array(nrPages);
    this.chunks.push({ firstPfn, nrPages, order, nrUntouched: nrPages, owners });
    return true;
  }

  /** Number of the open file that a page was allocated for. */
  ownerOf(pfn: number): number {
    const { chunk, offset } = this.locate(pfn);
    return chunk.owners[offset] as number;
  }

  /** Destroys every chunk. Nothing lives on the device any more. */
  removeChunks(): void {
    for (const { firstPfn, nrPages } of this.chunks) {
      for (let pfn = firstPfn; pfn < firstPfn + nrPages; pfn += this.world.chunkPages) {
        this.world.frames.dropChunk(pfn);
      }
    }
    this.chunks.length = 0;
    this.freePages.length = 0;
    this.freeFolios.length = 0;
  }

  /** Heads of the folios that were freed and wait for their next use. */
  freedFolios(): readonly { readonly head: number; readonly order: number }[] {
    const { pmdOrder } = this.world.geometry;
    return [
      ...this.freePages.map((head) => ({ head, order: 0 })),
      ...this.freeFolios.map((head) => ({ head, order: pmdOrder })),
    ];
  }

  private take(order: number): number {
    const freed = (order === 0 ? this.freePages : this.freeFolios).pop();
    if (freed !== undefined) return freed;
    for (const chunk of this.chunks) {
      if (chunk.order !== order || chunk.nrUntouched < 1 << order) continue;
      chunk.nrUntouched -= 1 << order;
      return chunk.firstPfn + chunk.nrUntouched;
    }
    return this.addChunk(order) ? this.take(order) : 0;
  }

  private locate(pfn: number): { readonly chunk: DeviceChunk; readonly offset: number } {
    for (const chunk of this.chunks) {
      const offset = pfn - chunk.firstPfn;
      if (offset >= 0 && offset < chunk.nrPages) return { chunk, offset };
    }
    return invariant(false, `frame ${pfn} is not on the device`) as never;
  }
}
