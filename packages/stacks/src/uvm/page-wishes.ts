// What is wanted of some pages of a GPU's table, in the order in which it was wished. Every page of
// a block is asked about while a few are wished, so they are kept by their number.
import type { DeviceFaultKind, PageRange } from "../device/device-stack.ts";

/** What is wanted of a page: that an access succeeds, or only what can be had as it is. */
export type PageWish = DeviceFaultKind | "present";

const WISHES: readonly PageWish[] = ["present", "prefetch", "read", "write", "atomic"];

/** Pages of one span with what is wanted of each. */
export class PageWishes {
  /** In the order in which they were wished first. */
  readonly pages: number[] = [];
  private readonly start: number;
  // One more than the wish's place in WISHES; 0 for a page that nobody wants.
  private readonly codes: Uint8Array;

  /** @param span holds every page that may be wished. */
  constructor({ start, nrPages }: PageRange) {
    this.start = start;
    this.codes = new Uint8Array(nrPages);
  }

  /** The same wish for some pages. */
  static of(pages: readonly number[], wish: PageWish): PageWishes {
    const wishes = new PageWishes(spanOf(pages));
    for (const page of pages) wishes.set(page, wish);
    return wishes;
  }

  /** Every page of a range as it is. */
  static present(range: PageRange): PageWishes {
    const wishes = new PageWishes(range);
    for (let i = 0; i < range.nrPages; i++) wishes.set(range.start + i, "present");
    return wishes;
  }

  get size(): number {
    return this.pages.length;
  }

  has(page: number): boolean {
    return this.codeOf(page) !== 0;
  }

  /** Undefined for a page that nobody wants. */
  get(page: number): PageWish | undefined {
    return WISHES[this.codeOf(page) - 1];
  }

  set(page: number, wish: PageWish): void {
    if (!this.has(page)) this.pages.push(page);
    this.codes[page - this.start] = WISHES.indexOf(wish) + 1;
  }

  /** Whether it is wanted to write the page. */
  isWrite(page: number): boolean {
    return this.codeOf(page) >= FIRST_WRITE;
  }

  /** The first page, and as many as there are up to the last. */
  get span(): PageRange {
    return spanOf(this.pages);
  }

  private codeOf(page: number): number {
    return this.codes[page - this.start] ?? 0;
  }
}

const FIRST_WRITE = WISHES.indexOf("write") + 1;

function spanOf(pages: readonly number[]): PageRange {
  let first = pages[0] ?? 0;
  let last = first - 1;
  for (const page of pages) {
    if (page < first) first = page;
    if (page > last) last = page;
  }
  return { start: first, nrPages: last + 1 - first };
}
