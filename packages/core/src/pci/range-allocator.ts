// Hands out ranges of page numbers and takes them back: IOVAs of a domain, bounce slots, published
// peer memory. Free gaps are kept sorted, so what touches grows together again.
import { invariant } from "../invariant-error.ts";

interface Gap {
  start: number;
  end: number;
}

/** The free ranges of `[start, end)`; numbers may exceed 32 bits. */
export class RangeAllocator {
  /** Highest first, never empty, never touching. */
  private readonly gaps: Gap[] = [];

  constructor(start: number, end: number) {
    if (end > start) this.gaps.push({ start, end });
  }

  get nrFree(): number {
    return this.gaps.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /**
   * Takes the highest range of `nrPages` whose start is a multiple of `alignment` and whose end is
   * not above `limit`.
   * @returns its start, or -1 when there is none.
   */
  allocHighest(nrPages: number, alignment = 1, limit: number = Number.MAX_SAFE_INTEGER): number {
    for (let at = 0; at < this.gaps.length; at++) {
      const { start, end } = this.gaps[at] as Gap;
      const highest = Math.min(end, limit) - nrPages;
      const found = highest - (highest % alignment);
      if (highest < 0 || found < start) continue;
      this.cut(at, found, found + nrPages);
      return found;
    }
    return -1;
  }

  /** As allocHighest(), from the bottom. */
  allocLowest(nrPages: number): number {
    for (let at = this.gaps.length - 1; at >= 0; at--) {
      const { start, end } = this.gaps[at] as Gap;
      if (end - start < nrPages) continue;
      this.cut(at, start, start + nrPages);
      return start;
    }
    return -1;
  }

  /** Takes everything free in `[start, end)` out of use for good. */
  reserve(start: number, end: number): void {
    for (let at = this.gaps.length - 1; at >= 0; at--) {
      const gap = this.gaps[at] as Gap;
      const from = Math.max(start, gap.start);
      const to = Math.min(end, gap.end);
      if (from < to) this.cut(at, from, to);
    }
  }

  /** Gives a range back. */
  free(start: number, nrPages: number): void {
    const end = start + nrPages;
    let at = this.gaps.findIndex((gap) => gap.start < end);
    if (at === -1) at = this.gaps.length;
    const above = this.gaps[at - 1];
    const below = this.gaps[at];
    invariant(below === undefined || below.end <= start, `page ${start} is freed twice`);
    const touchesAbove = above?.start === end;
    const touchesBelow = below?.end === start;
    if (above !== undefined && touchesAbove) above.start = start;
    if (below !== undefined && touchesBelow) below.end = touchesAbove ? below.end : end;
    if (above !== undefined && below !== undefined && touchesAbove && touchesBelow) {
      above.start = below.start;
      this.gaps.splice(at, 1);
    } else if (!touchesAbove && !touchesBelow) {
      this.gaps.splice(at, 0, { start, end });
    }
  }

  /** Removes `[start, end)`, which lies inside gap `at`. */
  private cut(at: number, start: number, end: number): void {
    const gap = this.gaps[at] as Gap;
    const rest: Gap[] = [];
    if (gap.end > end) rest.push({ start: end, end: gap.end });
    if (start > gap.start) rest.push({ start: gap.start, end: start });
    this.gaps.splice(at, 1, ...rest);
  }
}
