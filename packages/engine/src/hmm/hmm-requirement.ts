// What a request asks beyond what the page tables offer. Mirrors the two need_fault functions of
// mm/hmm.c.
import { HMM_PFN_REQ_FAULT, HMM_PFN_REQ_WRITE, HMM_PFN_VALID, HMM_PFN_WRITE } from "./hmm-pfn.ts";
import type { HmmRange } from "./hmm-range.ts";

/** The page must be faulted in. */
export const HMM_NEED_FAULT = 1;
/** The page must be faulted in for writing; always together with HMM_NEED_FAULT. */
export const HMM_NEED_WRITE_FAULT = 2;

/**
 * What one page needs.
 * @param request the page's effective request flags.
 * @param offered HMM_PFN_VALID and HMM_PFN_WRITE as the page tables have them.
 * @kernel mm/hmm.c hmm_pte_need_fault (v7.2)
 */
export function hmmPteNeedFault(request: number, offered: number): number {
  if ((request & HMM_PFN_REQ_FAULT) === 0) return 0;
  if ((request & HMM_PFN_REQ_WRITE) !== 0 && (offered & HMM_PFN_WRITE) === 0) {
    return HMM_NEED_FAULT | HMM_NEED_WRITE_FAULT;
  }
  return (offered & HMM_PFN_VALID) === 0 ? HMM_NEED_FAULT : 0;
}

/**
 * What a span of pages needs, all offered the same.
 * @kernel mm/hmm.c hmm_range_need_fault (v7.2)
 */
export function hmmRangeNeedFault(
  range: HmmRange,
  from: number,
  to: number,
  offered: number,
): number {
  if (((range.defaultFlags | range.pfnFlagsMask) & HMM_PFN_REQ_FAULT) === 0) return 0;
  if (range.pfnFlagsMask === 0) return hmmPteNeedFault(range.defaultFlags, offered);
  let need = 0;
  for (let i = from - range.start; i < to - range.start; i++) {
    const input = range.flags[i] as number;
    need |= hmmPteNeedFault((input & range.pfnFlagsMask) | range.defaultFlags, offered);
    if (need === (HMM_NEED_FAULT | HMM_NEED_WRITE_FAULT)) break;
  }
  return need;
}
