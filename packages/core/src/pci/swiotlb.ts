// The bounce buffers in low RAM. Mirrors struct io_tlb_mem of include/linux/swiotlb.h: one pool,
// slots of one page. Areas, growing pools and restricted pools are left out.
import { RangeAllocator } from "./range-allocator.ts";

/** A pool of `nrPages` bounce slots at `startPfn`. */
export class Swiotlb {
  readonly startPfn: number;
  readonly nrPages: number;
  /** `swiotlb=force`: everything a device maps without an IOMMU is bounced. */
  readonly isForced: boolean;
  readonly slots: RangeAllocator;

  constructor(startPfn: number, nrPages: number, isForced = false) {
    this.startPfn = startPfn;
    this.nrPages = nrPages;
    this.isForced = isForced;
    this.slots = new RangeAllocator(startPfn, startPfn + nrPages);
  }

  /** Whether a page of RAM is one of the pool's. */
  holds(pfn: number): boolean {
    return pfn >= this.startPfn && pfn < this.startPfn + this.nrPages;
  }
}
