// Mapping physical pages for a device, by whichever way the device has. Mirrors
// kernel/dma/mapping.c; devices with operations of their own are left out.
import type { DmaAddress, DmaDevice, PciMachine } from "@faultline/core";
import { DMA_ATTR_MMIO } from "./dma-attrs.ts";
import { useDmaIommu } from "./dma-device-limits.ts";
import { dmaDirectMapPhys, dmaDirectUnmapPhys } from "./dma-direct.ts";
import { iommuDmaMapPhys, iommuDmaUnmap, iommuDomainOf } from "./iommu-dma.ts";

/**
 * Maps `nrPages` physical pages from `pfn` on.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 * @kernel kernel/dma/mapping.c dma_map_phys (v7.2)
 */
export function dmaMapPhys(
  machine: PciMachine,
  dev: DmaDevice,
  pfn: number,
  nrPages: number,
  attrs = 0,
): DmaAddress | null {
  const map = useDmaIommu(dev) ? iommuDmaMapPhys : dmaDirectMapPhys;
  return map(machine, dev, pfn, nrPages, attrs);
}

/** @kernel kernel/dma/mapping.c dma_unmap_phys (v7.2) */
export function dmaUnmapPhys(
  machine: PciMachine,
  dev: DmaDevice,
  address: DmaAddress,
  nrPages: number,
): void {
  if (useDmaIommu(dev)) iommuDmaUnmap(iommuDomainOf(dev), address.page, nrPages);
  else dmaDirectUnmapPhys(machine, address, nrPages);
}

/**
 * Maps device memory by its physical address; no map type is asked for.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 * @kernel kernel/dma/mapping.c dma_map_resource (v7.2)
 */
export function dmaMapResource(
  machine: PciMachine,
  dev: DmaDevice,
  pfn: number,
  nrPages: number,
): DmaAddress | null {
  return dmaMapPhys(machine, dev, pfn, nrPages, DMA_ATTR_MMIO);
}
