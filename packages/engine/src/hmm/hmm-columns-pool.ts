// Result columns of hmm_range_fault(), used again. A fault on one page would otherwise spend a good
// part of its time on two new arrays.

/** A word per page, in two halves. */
export interface HmmColumns {
  /** HMM_PFN_* flags and the order. */
  readonly flags: Uint32Array;
  /** Page frame numbers. */
  readonly pfns: Uint32Array;
}

/** Longer ones are rare, and as cheap as the walks that they are for. */
const LARGEST = 512;
/** As many of one length are kept as ranges are being faulted at once. */
const MAX_KEPT = 64;

/** Columns by their number of pages. */
export class HmmColumnsPool {
  private readonly kept: (HmmColumns[] | undefined)[] = [];

  /** Empty columns for `nrPages` pages. */
  take(nrPages: number): HmmColumns {
    const known = this.kept[nrPages]?.pop();
    return known ?? { flags: new Uint32Array(nrPages), pfns: new Uint32Array(nrPages) };
  }

  /** Takes columns back; nobody may look at them any more. */
  give(columns: HmmColumns): void {
    const { flags, pfns } = columns;
    if (flags.length > LARGEST) return;
    const same = (this.kept[flags.length] ??= []);
    if (same.length === MAX_KEPT) return;
    flags.fill(0);
    pfns.fill(0);
    same.push(columns);
  }
}
