// A count per frame, stored only around frames that were counted.
import { FRAME_CHUNK_SHIFT, FRAME_CHUNK_SIZE } from "@faultline/core";

const INDEX = FRAME_CHUNK_SIZE - 1;

/** Counts by frame number; a frame that was never added to has 0. */
export class PfnCounts {
  private readonly chunks: Map<number, Uint32Array> = new Map();

  add(pfn: number, count: number): void {
    const key = pfn >>> FRAME_CHUNK_SHIFT;
    let chunk = this.chunks.get(key);
    if (chunk === undefined) {
      chunk = new Uint32Array(FRAME_CHUNK_SIZE);
      this.chunks.set(key, chunk);
    }
    chunk[pfn & INDEX] = (chunk[pfn & INDEX] as number) + count;
  }

  get(pfn: number): number {
    return this.chunks.get(pfn >>> FRAME_CHUNK_SHIFT)?.[pfn & INDEX] ?? 0;
  }

  /** The counts of one chunk of frames, null when all are 0. */
  chunk(index: number): Uint32Array | null {
    return this.chunks.get(index) ?? null;
  }
}
