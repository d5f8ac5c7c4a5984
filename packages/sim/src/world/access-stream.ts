// What a program is going to touch, one access after the other.

/** Accesses in order. The fields are those of the last one that `next` has announced. */
export interface AccessStream {
  /** Goes to the next access; false at the end. */
  next(): boolean;
  readonly page: number;
  /** ACCESS_READ, ACCESS_WRITE or ACCESS_ATOMIC. */
  readonly access: number;
  /** Pages from `page` on that the same request still wants. */
  readonly nrLeft: number;
  /** What a write stores. */
  readonly value: number;
  /** Picoseconds after the beginning before which it does not happen. @defaultValue 0 */
  readonly atPs?: number;
}

/** Consecutive pages. */
export class RangeStream implements AccessStream {
  page: number;
  readonly access: number;
  private readonly end: number;
  private readonly valueOf: (page: number) => number;

  constructor(
    start: number,
    nrPages: number,
    access: number,
    valueOf: (page: number) => number = () => 0,
  ) {
    this.page = start - 1;
    this.end = start + nrPages;
    this.access = access;
    this.valueOf = valueOf;
  }

  next(): boolean {
    if (this.page + 1 >= this.end) return false;
    this.page++;
    return true;
  }

  get nrLeft(): number {
    return this.end - this.page;
  }

  get value(): number {
    return this.valueOf(this.page);
  }
}
