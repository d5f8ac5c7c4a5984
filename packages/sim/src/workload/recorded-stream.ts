// Accesses as somebody has recorded them.
import { ACCESS_READ } from "../record/activities.ts";
import type { AccessStream } from "../world/access-stream.ts";

/** A recording; the columns have one entry for each access. */
export interface Recording {
  /** First page of the range. */
  readonly start: number;
  /** Offsets into the range. */
  readonly pages: Uint32Array;
  /** ACCESS_*. */
  readonly access: Uint8Array;
  /** Picoseconds since the beginning; null where nobody knows. */
  readonly timesPs: Float64Array | null;
  /** What a write stores. @defaultValue 0 */
  readonly valueAt?: (page: number) => number;
}

/** The accesses of a recording. */
export class RecordedStream implements AccessStream {
  page = 0;
  access: number = ACCESS_READ;
  /** When it happened in the recording; it happens no earlier in the replay. */
  atPs = 0;
  readonly nrLeft = 1;
  private readonly recording: Recording;
  private at = -1;

  constructor(recording: Recording) {
    this.recording = recording;
  }

  next(): boolean {
    const { pages, access, timesPs, start } = this.recording;
    if (++this.at >= pages.length) return false;
    this.page = start + (pages[this.at] as number);
    this.access = access[this.at] as number;
    this.atPs = timesPs?.[this.at] ?? 0;
    return true;
  }

  get value(): number {
    return this.recording.valueAt?.(this.page) ?? 0;
  }
}
