// Pages of a block that a fault has moved once. Most never move again, so what is remembered of
// them is two numbers in columns; a page that moves again gets books of its own.
import type { PageRange } from "../device/device-stack.ts";
import type { UvmProcessor } from "./select-residency.ts";

/** The first moves of the pages of one block. */
export class FirstMoves {
  private readonly block: PageRange;
  // When each page moved, and one more than the number of who got it; null while none ever has.
  private timesPs: Float64Array | null = null;
  private processors: Uint16Array | null = null;

  constructor(block: PageRange) {
    this.block = block;
  }

  /** A page has come to a processor. */
  note(page: number, to: UvmProcessor, nowPs: number): void {
    const { start, nrPages } = this.block;
    this.timesPs ??= new Float64Array(nrPages);
    this.processors ??= new Uint16Array(nrPages);
    this.timesPs[page - start] = nowPs;
    this.processors[page - start] = to + 1;
  }

  /** Who got a page in its first move; null for a page without one. */
  processorOf(page: number): UvmProcessor | null {
    const code = this.processors?.[page - this.block.start] ?? 0;
    return code === 0 ? null : code - 1;
  }

  /** When a page made its first move. */
  timePsOf(page: number): number {
    return this.timesPs?.[page - this.block.start] ?? 0;
  }

  /** A page's first move counts no more. */
  forget(page: number): void {
    if (this.processors !== null) this.processors[page - this.block.start] = 0;
  }
}
