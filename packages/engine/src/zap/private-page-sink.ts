// The common case of a zap: a small anonymous page that nobody else has. Such pages are given back
// in runs of neighbouring frames, because returning them one by one costs ten times as much.
import {
  EFFORT_FOLIO_FREE,
  FRAME_CHUNK_SHIFT,
  FRAME_CHUNK_SIZE,
  FRAME_KSM,
  FRAME_LOCKED,
  FRAME_MLOCKED,
  FRAME_ORDER_MASK,
  FRAME_PINNED,
  FRAME_SWAPCACHE,
  FRAME_TAIL,
  type FrameChunk,
  type World,
} from "@faultline/core";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;
/** A page with any of these needs more than its count dropped. */
const NEEDS_CARE =
  FRAME_ORDER_MASK |
  FRAME_TAIL |
  FRAME_SWAPCACHE |
  FRAME_KSM |
  FRAME_LOCKED |
  FRAME_PINNED |
  FRAME_MLOCKED;

/** Takes unmapped pages and frees them a run at a time. */
export class PrivatePageSink {
  private readonly world: World;
  private chunk: FrameChunk | null = null;
  private chunkIndex = -1;
  private runStart = 0;
  private runEnd = 0;

  constructor(world: World) {
    this.world = world;
  }

  /**
   * Drops the last mapping of a page and frees it.
   * @returns false, with nothing changed, when the page is shared, referenced or not a small page
   * of system memory.
   */
  take(pfn: number): boolean {
    const index = pfn >>> FRAME_CHUNK_SHIFT;
    if (index !== this.chunkIndex) this.enterChunk(pfn, index);
    const chunk = this.chunk as FrameChunk;
    const i = pfn & FRAME_INDEX;
    if (
      chunk.mapcount[i] !== 1 ||
      chunk.extraRefs[i] !== 0 ||
      ((chunk.flags[i] as number) & NEEDS_CARE) !== 0 ||
      chunk.pgmap !== null
    ) {
      return false;
    }
    chunk.mapcount[i] = 0;
    if (pfn !== this.runEnd) {
      this.flush();
      this.runStart = pfn;
    }
    this.runEnd = pfn + 1;
    return true;
  }

  /** Frees the run gathered so far. */
  flush(): void {
    const nrPages = this.runEnd - this.runStart;
    if (nrPages === 0) return;
    const { world } = this;
    const node = (this.chunk as FrameChunk).node;
    if (world.lastCpupid.size > 0) {
      for (let pfn = this.runStart; pfn < this.runEnd; pfn++) world.lastCpupid.delete(pfn);
    }
    if (world.activeFolios.size > 0) {
      for (let pfn = this.runStart; pfn < this.runEnd; pfn++) world.activeFolios.delete(pfn);
    }
    world.effort.add(EFFORT_FOLIO_FREE, nrPages, 0, node);
    world.buddies[node]?.freeRun(this.runStart, nrPages);
    this.runStart = 0;
    this.runEnd = 0;
  }

  private enterChunk(pfn: number, index: number): void {
    this.flush();
    this.chunk = this.world.frames.ownChunkOf(pfn);
    this.chunkIndex = index;
  }
}
