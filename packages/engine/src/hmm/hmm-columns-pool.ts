// Result columns of hmm_range_fault(), used again.
import { ColumnPool } from "../column-pool.ts";

/** A word per page, in two halves. */
export interface HmmColumns {
  /** HMM_PFN_* flags and the order. */
  readonly flags: Uint32Array;
  /** Page frame numbers. */
  readonly pfns: Uint32Array;
}

/** Columns by their number of pages. */
export class HmmColumnsPool extends ColumnPool<HmmColumns> {
  protected create(nrPages: number): HmmColumns {
    return { flags: new Uint32Array(nrPages), pfns: new Uint32Array(nrPages) };
  }

  protected lengthOf({ flags }: HmmColumns): number {
    return flags.length;
  }

  protected clear({ flags, pfns }: HmmColumns): void {
    flags.fill(0);
    pfns.fill(0);
  }
}
