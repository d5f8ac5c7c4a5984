// Accesses that somebody has recorded: which pages, in which order, how, and when. Pages are
// numbered without the gaps between them, so that a trace of a process, whose code, heap and stack
// lie far apart, fits into one range.

/** How a page is accessed, by number. */
export const TRACE_ACCESS_NAMES = ["read", "write", "atomic"] as const;

/** One of them. */
export type TraceAccessName = (typeof TRACE_ACCESS_NAMES)[number];

const PS_PER_NS = 1000;

/** The latest time of a trace, in nanoseconds: whole picoseconds go no further. */
export const MOST_TRACE_NS: number = Math.floor(Number.MAX_SAFE_INTEGER / PS_PER_NS);

/** A trace. */
export interface AccessTrace {
  /** How many pages are accessed, by whomever. */
  readonly nrPages: number;
  /** Per access: its page, 0 to `nrPages` - 1, in the order of addresses. */
  readonly pages: Uint32Array;
  /** Per access: an index into TRACE_ACCESS_NAMES. */
  readonly access: Uint8Array;
  /** Per access: picoseconds since the first one; null where the trace has no times. */
  readonly timesPs: Float64Array | null;
}

/** Collects accesses in their order. */
export class TraceBuilder {
  private readonly pageBytes: number;
  private readonly places: number[] = [];
  /** Places of accesses that are not of the trace, but of its numbering. */
  private readonly others = new Set<number>();
  private readonly access: number[] = [];
  private readonly timesPs: number[] = [];

  /** @param pageBytes a power of two. */
  constructor(pageBytes: number) {
    this.pageBytes = pageBytes;
  }

  /** Accesses so far. */
  get length(): number {
    return this.places.length;
  }

  /**
   * Adds an access; one that reaches over a page's end is one of each page.
   * @param address below 2^53.
   */
  add(address: number, sizeBytes: number, access: number, timePs = 0): void {
    const first = Math.floor(address / this.pageBytes);
    const last = Math.floor((address + Math.max(1, sizeBytes) - 1) / this.pageBytes);
    for (let place = first; place <= last; place++) {
      this.places.push(place);
      this.access.push(access);
      this.timesPs.push(timePs);
    }
  }

  /** Pages that somebody else accesses: they are numbered too, so that all see the same range. */
  addOther(address: number, sizeBytes: number): void {
    const last = Math.floor((address + Math.max(1, sizeBytes) - 1) / this.pageBytes);
    for (let place = Math.floor(address / this.pageBytes); place <= last; place++) {
      this.others.add(place);
    }
  }

  /**
   * @param hasTimes whether `timePs` was given.
   * @param startPs when the trace begins. @defaultValue with its first access
   */
  build(hasTimes: boolean, startPs = this.timesPs[0] ?? 0): AccessTrace {
    const distinct = [...new Set([...this.places, ...this.others])].toSorted((a, b) => a - b);
    const numbers = new Map(distinct.map((place, number) => [place, number]));
    return {
      nrPages: distinct.length,
      pages: Uint32Array.from(this.places, (place) => numbers.get(place) as number),
      access: Uint8Array.from(this.access),
      timesPs: hasTimes ? Float64Array.from(this.timesPs, (ps) => ps - startPs) : null,
    };
  }
}
