// What a device can address, and what it has to care for. Mirrors kernel/dma/mapping.c and
// kernel/dma/direct.c.
import type { DmaDevice, PciMachine } from "@faultline/core";

/** Whether the device's mappings go through an IOMMU that translates. */
export function useDmaIommu({ iommu }: DmaDevice): boolean {
  return iommu?.kind === "translate";
}

/** One above the highest page number that the device can put on the wire. */
export function dmaLimitPage({ dmaMaskBits }: DmaDevice, pageShift: number): number {
  return POWERS_OF_TWO[dmaMaskBits - pageShift] ?? 0;
}

/** Asked for every page that is mapped, where raising to a power would show. */
const POWERS_OF_TWO: readonly number[] = Array.from({ length: 65 }, (_, bits) => 2 ** bits);

/**
 * Sets what the device can address. Whether its mappings need syncing is asked afresh.
 * @kernel kernel/dma/mapping.c dma_set_mask (v7.2)
 */
export function dmaSetMask(dev: DmaDevice, bits: number): void {
  dev.dmaMaskBits = bits;
  dev.dmaSkipSync = dev.isCoherent;
}

/**
 * Whether some RAM is out of the device's reach. With an IOMMU none is.
 * @kernel kernel/dma/mapping.c dma_addressing_limited (v7.2)
 */
export function dmaAddressingLimited(machine: PciMachine, dev: DmaDevice): boolean {
  return !useDmaIommu(dev) && dmaLimitPage(dev, machine.pageShift) < machine.ramEndPfn;
}

/**
 * Whether mappings have to be taken apart again.
 * @kernel kernel/dma/mapping.c dma_need_unmap (v7.2)
 */
export function dmaNeedUnmap(dev: DmaDevice): boolean {
  return useDmaIommu(dev) || !dev.dmaSkipSync;
}
