// Mapping without translation: a device gets physical addresses, or a bounce buffer. Mirrors
// kernel/dma/direct.h and kernel/dma/swiotlb.c; encrypted guests and cache maintenance are left
// out.
import { type DmaAddress, type DmaDevice, type PciMachine } from "@faultline/core";
import { DMA_ATTR_MMIO, DMA_ATTR_REQUIRE_COHERENT } from "./dma-attrs.ts";
import { dmaLimitPage } from "./dma-device-limits.ts";

/**
 * Maps physical pages, contiguous, for a device.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 * @kernel kernel/dma/direct.h dma_direct_map_phys (v7.2)
 */
export function dmaDirectMapPhys(
  machine: PciMachine,
  dev: DmaDevice,
  pfn: number,
  nrPages: number,
  attrs: number,
): DmaAddress | null {
  const isMmio = (attrs & DMA_ATTR_MMIO) !== 0;
  const mustBeCoherent = (attrs & DMA_ATTR_REQUIRE_COHERENT) !== 0;
  if (mustBeCoherent && !dev.isCoherent) return null;
  const isForced = machine.swiotlb?.isForced === true;
  const isCapable = pfn + nrPages <= dmaLimitPage(dev, machine.pageShift);
  if (isCapable && !isForced) return { space: machine.physical, page: pfn };
  return isMmio || mustBeCoherent ? null : swiotlbMap(machine, dev, nrPages);
}

/**
 * Undoes dmaDirectMapPhys(); only bounce slots are anything to give back.
 * @kernel kernel/dma/direct.h dma_direct_unmap_phys (v7.2)
 */
export function dmaDirectUnmapPhys(
  machine: PciMachine,
  { page }: DmaAddress,
  nrPages: number,
): void {
  if (machine.swiotlb?.holds(page) === true) machine.swiotlb.slots.free(page, nrPages);
}

/**
 * Gives pages of the bounce pool; from now on the device's mappings need syncing.
 * @kernel kernel/dma/swiotlb.c swiotlb_map (v7.2)
 */
function swiotlbMap(machine: PciMachine, dev: DmaDevice, nrPages: number): DmaAddress | null {
  const { swiotlb, physical, pageShift } = machine;
  if (swiotlb === null) return null;
  const limit = dmaLimitPage(dev, pageShift);
  const page = swiotlb.slots.allocHighest(nrPages, 1, limit);
  if (page === -1) return null;
  dev.dmaSkipSync = false;
  return { space: physical, page };
}
