// The IOMMU domain of a group of requesters: its IOVAs and its page table. Mirrors struct
// iommu_domain of include/linux/iommu.h and the iova_domain of drivers/iommu/dma-iommu.c.
// Tables are flat: levels and large leaves are left out, as are SVA and nested domains.
import { invariant } from "../invariant-error.ts";
import type { DmaSpace } from "./dma-address.ts";
import { RangeAllocator } from "./range-allocator.ts";

/** `identity` passes physical addresses through; `translate` gives every mapping an IOVA. */
export type IommuDomainKind = "identity" | "translate";

/** The domain sees cacheable memory here. */
export const IOMMU_CACHE = 4;
/** The domain sees device registers or peer memory here. */
export const IOMMU_MMIO = 16;

/** Where one IOVA page leads. */
export interface IoPte {
  readonly pfn: number;
  /** IOMMU_CACHE or IOMMU_MMIO. */
  readonly prot: number;
}

/** One domain. Requesters of one group share it. */
export class IommuDomain {
  readonly kind: IommuDomainKind;
  readonly space: DmaSpace;
  /** Free IOVAs; page 0 is never handed out. */
  readonly iovas: RangeAllocator;
  private readonly ptes = new Map<number, IoPte>();
  /** IOTLB flushes so far. */
  nrSyncs = 0;

  /** @param nrPages how many pages the domain can address. */
  constructor(name: string, kind: IommuDomainKind, nrPages: number) {
    this.kind = kind;
    this.space = { kind: "iova", name };
    this.iovas = new RangeAllocator(1, nrPages);
  }

  get nrEntries(): number {
    return this.ptes.size;
  }

  /** Where an IOVA page leads, or undefined when nothing is mapped there. */
  lookup(iova: number): IoPte | undefined {
    return this.ptes.get(iova);
  }

  map(iova: number, pte: IoPte): void {
    invariant(!this.ptes.has(iova), `IOVA page ${iova} of ${this.space.name} is mapped twice`);
    this.ptes.set(iova, pte);
  }

  unmap(iova: number): void {
    const wasMapped = this.ptes.delete(iova);
    invariant(wasMapped, `IOVA page ${iova} of ${this.space.name} is not mapped`);
  }
}
