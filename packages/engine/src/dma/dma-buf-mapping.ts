// Mapping peer memory that is shared as a DMA-buf, without page frames. Mirrors
// drivers/dma-buf/dma-buf-mapping.c.
import {
  type DmaAddress,
  type DmaDevice,
  EINVAL,
  ENOMEM,
  type P2pdmaProvider,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  type PciMachine,
} from "@faultline/core";
import { pciP2pdmaMapType } from "../p2pdma/map-type.ts";
import { pciP2pdmaBusAddrMap } from "./bus-address.ts";
import { DMA_ATTR_MMIO } from "./dma-attrs.ts";
import { dmaMapPhys, dmaUnmapPhys } from "./dma-map-phys.ts";
import { dmaIovaLink, dmaIovaSync, dmaIovaTryAlloc, iommuDomainOf } from "./iommu-dma.ts";
import { failedSgTable, type SgSegment, type SgTable } from "./scatter-list.ts";

/** Contiguous pages of a provider, by their CPU page number. */
export interface PhysVec {
  readonly pfn: number;
  readonly nrPages: number;
}

/**
 * Maps ranges of one provider for a device: in one range of IOVAs if there is one, else each alone.
 * @returns -EINVAL when the device cannot reach the provider, -ENOMEM when a range cannot be
 * mapped.
 * @kernel drivers/dma-buf/dma-buf-mapping.c dma_buf_phys_vec_to_sgt (v7.2)
 */
export function dmaBufPhysVecToSgt(
  machine: PciMachine,
  dev: DmaDevice,
  provider: P2pdmaProvider,
  ranges: readonly PhysVec[],
): SgTable {
  const type = pciP2pdmaMapType(machine, provider, dev);
  if (type === PCI_P2PDMA_MAP_BUS_ADDR) {
    const segments = ranges.map(({ pfn, nrPages }) => ({
      address: pciP2pdmaBusAddrMap(provider, pfn),
      nrPages,
    }));
    return { rc: 0, segments, iova: null };
  }
  if (type !== PCI_P2PDMA_MAP_THRU_HOST_BRIDGE) return failedSgTable(-EINVAL);
  const nrPages = ranges.reduce((sum, range) => sum + range.nrPages, 0);
  const iova = dmaIovaTryAlloc(machine, dev, nrPages);
  if (iova === null) return mapEach(machine, dev, ranges);
  let offset = 0;
  for (const range of ranges) {
    dmaIovaLink(dev, iova, range.pfn, offset, range.nrPages, DMA_ATTR_MMIO);
    offset += range.nrPages;
  }
  dmaIovaSync(dev);
  const address: DmaAddress = { space: iommuDomainOf(dev).space, page: iova.start };
  return { rc: 0, segments: [{ address, nrPages }], iova };
}

function mapEach(machine: PciMachine, dev: DmaDevice, ranges: readonly PhysVec[]): SgTable {
  const segments: SgSegment[] = [];
  for (const { pfn, nrPages } of ranges) {
    const address = dmaMapPhys(machine, dev, pfn, nrPages, DMA_ATTR_MMIO);
    if (address === null) {
      for (const done of segments) dmaUnmapPhys(machine, dev, done.address, done.nrPages);
      return failedSgTable(-ENOMEM);
    }
    segments.push({ address, nrPages });
  }
  return { rc: 0, segments, iova: null };
}
