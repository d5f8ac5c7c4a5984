// Writing results of hmm_range_fault(): spans of equal words and spans of consecutive frames.
import { HMM_PFN_INOUT_FLAGS } from "./hmm-pfn.ts";
import type { HmmRange } from "./hmm-range.ts";

/** Gives every page of `[from, to)` the same flags and no frame. */
export function hmmFill(range: HmmRange, from: number, to: number, flags: number): void {
  const column = range.flags;
  const first = from - range.start;
  const last = to - range.start;
  for (let i = first; i < last; i++) {
    column[i] = ((column[i] as number) & HMM_PFN_INOUT_FLAGS) | flags;
  }
  range.pfns.fill(0, first, last);
}

/** Gives the pages of `[from, to)` the same flags and consecutive frames from `pfn` on. */
export function hmmFillFrames(
  range: HmmRange,
  from: number,
  to: number,
  flags: number,
  pfn: number,
): void {
  const first = from - range.start;
  for (let i = first; i < to - range.start; i++) {
    range.flags[i] = ((range.flags[i] as number) & HMM_PFN_INOUT_FLAGS) | flags;
    range.pfns[i] = pfn + (i - first);
  }
}
