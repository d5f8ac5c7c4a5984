// Disjoint spans of an address space, in address order: what a driver keeps its chunks or ranges
// in, where the kernel has an interval tree. Leaves of some hundred spans under one sorted list of
// their first pages, so that a search takes two bisections and an insertion moves few entries.

/** Pages `[start, start + nrPages)`. */
export interface Span {
  readonly start: number;
  readonly nrPages: number;
}

/** A leaf that gets longer than this is cut in two. */
const MAX_LEAF = 256;

/** Spans that do not overlap. Their places must not change while they are in the list. */
export class SpanList<T extends Span> {
  private nrSpans = 0;
  private readonly leaves: T[][] = [];

  /** How many there are. */
  get length(): number {
    return this.nrSpans;
  }

  /** The span that holds a page. */
  at(page: number): T | undefined {
    const leaf = this.leaves[this.leafOf(page)];
    const span = leaf?.[lastAtOrBefore(leaf, page)];
    return span !== undefined && page < span.start + span.nrPages ? span : undefined;
  }

  /** Spans that touch `[start, start + nrPages)`, in ascending order. */
  overlapping(start: number, nrPages: number): T[] {
    const found: T[] = [];
    const end = start + nrPages;
    for (let l = Math.max(0, this.leafOf(start)); l < this.leaves.length; l++) {
      const leaf = this.leaves[l] as T[];
      for (let i = Math.max(0, lastAtOrBefore(leaf, start)); i < leaf.length; i++) {
        const span = leaf[i] as T;
        if (span.start >= end) return found;
        if (span.start + span.nrPages > start) found.push(span);
      }
    }
    return found;
  }

  /** Adds a span; the caller has seen to it that it overlaps none. */
  insert(span: T): void {
    this.nrSpans++;
    const l = Math.max(0, this.leafOf(span.start));
    const leaf = this.leaves[l];
    if (leaf === undefined) {
      this.leaves.push([span]);
      return;
    }
    leaf.splice(lastAtOrBefore(leaf, span.start) + 1, 0, span);
    if (leaf.length > MAX_LEAF) this.leaves.splice(l + 1, 0, leaf.splice(MAX_LEAF >>> 1));
  }

  /** Takes a span out. @returns false when it is not there */
  remove(span: T): boolean {
    const l = this.leafOf(span.start);
    const leaf = this.leaves[l];
    const i = leaf === undefined ? -1 : lastAtOrBefore(leaf, span.start);
    if (leaf === undefined || leaf[i] !== span) return false;
    leaf.splice(i, 1);
    if (leaf.length === 0) this.leaves.splice(l, 1);
    this.nrSpans--;
    return true;
  }

  /** All of them, in ascending order. */
  all(): T[] {
    return this.leaves.flat();
  }

  /** The last leaf that begins at or before a page; -1 when all begin behind it. */
  private leafOf(page: number): number {
    let low = 0;
    let high = this.leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.leaves[middle] as T[])[0] as T).start <= page) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The last span of a leaf that begins at or before a page; -1 when all begin behind it. */
function lastAtOrBefore(leaf: readonly Span[], page: number): number {
  let low = 0;
  let high = leaf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((leaf[middle] as Span).start <= page) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
