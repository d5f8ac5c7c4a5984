// Peer memory that a PCI function offers. Mirrors struct pci_p2pdma of drivers/pci/p2pdma.c and
// struct p2pdma_provider of include/linux/pci-p2pdma.h. Revocation of users is left out.
import type { PciBar } from "./pci-bar.ts";
import type { PciDev } from "./pci-dev.ts";
import type { RangeAllocator } from "./range-allocator.ts";

/** Not decided yet. */
export const PCI_P2PDMA_MAP_UNKNOWN = 0;
/** The page is ordinary memory. */
export const PCI_P2PDMA_MAP_NONE = 1;
/** The pair may not do peer DMA. */
export const PCI_P2PDMA_MAP_NOT_SUPPORTED = 2;
/** Requests stay below a common bridge and carry bus addresses. */
export const PCI_P2PDMA_MAP_BUS_ADDR = 3;
/** Requests pass the root and are mapped like device registers. */
export const PCI_P2PDMA_MAP_THRU_HOST_BRIDGE = 4;

/** How a pair of functions may talk. */
export type PciP2pdmaMapType =
  | typeof PCI_P2PDMA_MAP_UNKNOWN
  | typeof PCI_P2PDMA_MAP_NONE
  | typeof PCI_P2PDMA_MAP_NOT_SUPPORTED
  | typeof PCI_P2PDMA_MAP_BUS_ADDR
  | typeof PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;

/** One memory BAR of a function as the source of peer DMA. */
export interface P2pdmaProvider {
  readonly owner: PciDev;
  readonly bar: PciBar;
  /** What turns a CPU page number of the BAR into its page number on the bus. */
  readonly busOffsetPages: number;
}

/** Pages of a BAR that were registered, with the allocator that serves them. */
export interface P2pmemPool {
  readonly provider: P2pdmaProvider;
  /** CPU page number of the first registered page. */
  readonly startPfn: number;
  readonly nrPages: number;
  readonly pages: RangeAllocator;
}

/** What a function has once its driver has asked for peer DMA. */
export interface PciP2pdma {
  /** One per memory BAR, by BAR index. */
  readonly providers: ReadonlyMap<number, P2pdmaProvider>;
  readonly pools: P2pmemPool[];
  /** Whether others may find the memory by asking for the nearest provider. */
  isPublished: boolean;
  /** Decided map types by client; nothing but the provider's end ever removes one. */
  readonly mapTypes: Map<number, PciP2pdmaMapType>;
}
