// The words of hmm_range_fault(). The kernel's word is 64 bits: flags above, page frame below. Here
// the upper 32 bits live in one column and the frame in another, so the constants are the kernel's
// shifted down by 32. Mirrors include/linux/hmm.h.

/** Output: the page is readable. */
export const HMM_PFN_VALID = 0x8000_0000;
/** Output: the page is writable. */
export const HMM_PFN_WRITE = 0x4000_0000;
/** Output: the page cannot be made valid by faulting, or was skipped. */
export const HMM_PFN_ERROR = 0x2000_0000;
/** Kept from input: the driver has a DMA mapping of the page. */
export const HMM_PFN_DMA_MAPPED = 0x1000_0000;
/** Kept from input: the DMA mapping goes to a peer through the host bridge. */
export const HMM_PFN_P2PDMA = 0x0800_0000;
/** Kept from input: the DMA mapping goes to a peer by bus address. */
export const HMM_PFN_P2PDMA_BUS = 0x0400_0000;

/** Input: the page must be made valid. */
export const HMM_PFN_REQ_FAULT: number = HMM_PFN_VALID;
/** Input: the page must be made writable. */
export const HMM_PFN_REQ_WRITE: number = HMM_PFN_WRITE;

/**
 * Input, not in 7.2: a device-private page may be answered by the P2P page that shows it.
 * @differs the posted series gives it no final place; here it stands below the order bits
 */
export const HMM_PFN_ALLOW_P2P = 0x0010_0000;

/** Position of the five bits that hold the order of the CPU's mapping. */
export const HMM_PFN_ORDER_SHIFT = 21;
/** Flags that a caller puts in and finds again. */
export const HMM_PFN_INOUT_FLAGS: number = HMM_PFN_DMA_MAPPED | HMM_PFN_P2PDMA | HMM_PFN_P2PDMA_BUS;

/** Order of the mapping that an output word names: 0 for a PTE, the PMD order for a PMD leaf. */
export function hmmPfnToMapOrder(flags: number): number {
  return (flags >>> HMM_PFN_ORDER_SHIFT) & 0x1f;
}
