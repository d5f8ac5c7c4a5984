// The IOMMU domain of a group of requesters: its IOVAs and its page table. Mirrors struct
// iommu_domain of include/linux/iommu.h and the iova_domain of drivers/iommu/dma-iommu.c.
// Tables are flat: levels and large leaves are left out, as are SVA and nested domains.
import {
  EFFORT_IOPTE_SET,
  EFFORT_IOTLB_SYNC,
  EFFORT_IOVA_ALLOC,
  type EffortLog,
} from "../effort-log.ts";
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
  /** Ranges of IOVAs taken so far. */
  nrAllocs = 0;
  /** IOTLB flushes so far. */
  nrSyncs = 0;
  /** Where its work is noted; null for a domain of no world. */
  effort: EffortLog | null = null;

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

  /**
   * Takes a range of IOVAs.
   * @returns the first page, or -1.
   */
  alloc(nrPages: number, alignment: number, limit: number): number {
    const start = this.iovas.allocHighest(nrPages, alignment, limit);
    if (start === -1) return start;
    this.nrAllocs++;
    this.effort?.add(EFFORT_IOVA_ALLOC, 1);
    return start;
  }

  /** Flushes the IOTLB. */
  sync(): void {
    this.nrSyncs++;
    this.effort?.add(EFFORT_IOTLB_SYNC, 1);
  }

  map(iova: number, pte: IoPte): void {
    invariant(!this.ptes.has(iova), `IOVA page ${iova} of ${this.space.name} is mapped twice`);
    this.ptes.set(iova, pte);
    this.effort?.add(EFFORT_IOPTE_SET, 1);
  }

  unmap(iova: number): void {
    const wasMapped = this.ptes.delete(iova);
    invariant(wasMapped, `IOVA page ${iova} of ${this.space.name} is not mapped`);
    this.effort?.add(EFFORT_IOPTE_SET, 1);
  }
}
