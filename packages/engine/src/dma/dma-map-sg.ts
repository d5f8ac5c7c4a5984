// Mapping scatter lists. Mirrors kernel/dma/mapping.c, kernel/dma/direct.c and
// drivers/iommu/dma-iommu.c; segment boundaries of a device are left out.
import {
  type DmaDevice,
  EINVAL,
  EIO,
  ENOMEM,
  EREMOTEIO,
  IOMMU_CACHE,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  type PciMachine,
  type PciP2pdmaMapType,
} from "@faultline/core";
import { createP2pdmaMapState, pciP2pdmaState } from "../p2pdma/map-type.ts";
import { pciP2pdmaBusAddrMap } from "./bus-address.ts";
import { useDmaIommu } from "./dma-device-limits.ts";
import { dmaDirectMapPhys } from "./dma-direct.ts";
import { dmaUnmapPhys } from "./dma-map-phys.ts";
import { iommuDmaAllocIova, iommuDmaUnmap, iommuDomainOf, iommuMap } from "./iommu-dma.ts";
import { failedSgTable, type SgEntry, type SgSegment, type SgTable } from "./scatter-list.ts";

/**
 * Maps a scatter list for a device.
 * @returns -EINVAL for an empty list, -EREMOTEIO when a page cannot be reached, -EIO or -ENOMEM
 * when there is no bounce buffer or IOVA for it.
 * @kernel kernel/dma/mapping.c dma_map_sgtable (v7.2)
 */
export function dmaMapSgtable(
  machine: PciMachine,
  dev: DmaDevice,
  entries: readonly SgEntry[],
): SgTable {
  if (entries.length === 0) return failedSgTable(-EINVAL);
  const map = useDmaIommu(dev) ? iommuDmaMapSg : dmaDirectMapSg;
  return map(machine, dev, entries);
}

/**
 * Undoes dmaMapSgtable().
 * @kernelpart kernel/dma/mapping.c dma_unmap_sg_attrs (v7.2) takes the table, not the list
 */
export function dmaUnmapSgtable(machine: PciMachine, dev: DmaDevice, table: SgTable): void {
  if (table.iova !== null) {
    iommuDmaUnmap(iommuDomainOf(dev), table.iova.start, table.iova.nrPages);
    return;
  }
  for (const { address, nrPages } of table.segments) {
    if (address.space.kind !== "bus") dmaUnmapPhys(machine, dev, address, nrPages);
  }
}

/** Whether a list with an entry of this type can be mapped at all. */
function isReachable(type: PciP2pdmaMapType): boolean {
  return type === PCI_P2PDMA_MAP_NONE || type === PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;
}

/**
 * Peer memory behind the host bridge is treated as RAM here: where RAM would be bounced, it is.
 * @kernel kernel/dma/direct.c dma_direct_map_sg (v7.2)
 */
function dmaDirectMapSg(machine: PciMachine, dev: DmaDevice, entries: readonly SgEntry[]): SgTable {
  const state = createP2pdmaMapState();
  const segments: SgSegment[] = [];
  const fail = (rc: number): SgTable => {
    dmaUnmapSgtable(machine, dev, { rc: 0, segments, iova: null });
    return failedSgTable(rc);
  };
  for (const { page, nrPages } of entries) {
    const type = pciP2pdmaState(machine, state, dev, page.provider);
    if (type === PCI_P2PDMA_MAP_BUS_ADDR && page.provider !== null) {
      segments.push({ address: pciP2pdmaBusAddrMap(page.provider, page.pfn), nrPages });
      continue;
    }
    if (!isReachable(type)) return fail(-EREMOTEIO);
    const address = dmaDirectMapPhys(machine, dev, page.pfn, nrPages, 0);
    if (address === null) return fail(-EIO);
    segments.push({ address, nrPages });
  }
  return { rc: 0, segments, iova: null };
}

/**
 * One range of IOVAs serves the whole list but for the entries that use bus addresses; neighbours
 * in it become one segment, RAM and peer memory alike.
 * @kernel drivers/iommu/dma-iommu.c iommu_dma_map_sg (v7.2)
 */
function iommuDmaMapSg(machine: PciMachine, dev: DmaDevice, entries: readonly SgEntry[]): SgTable {
  const state = createP2pdmaMapState();
  const types: PciP2pdmaMapType[] = [];
  let nrTranslated = 0;
  for (const { page, nrPages } of entries) {
    const type = pciP2pdmaState(machine, state, dev, page.provider);
    types.push(type);
    if (type === PCI_P2PDMA_MAP_BUS_ADDR) continue;
    if (!isReachable(type)) return failedSgTable(-EREMOTEIO);
    nrTranslated += nrPages;
  }
  const start = nrTranslated === 0 ? 0 : iommuDmaAllocIova(machine, dev, nrTranslated);
  if (start === -1) return failedSgTable(-ENOMEM);
  const segments = enterSegments(machine, dev, entries, types, start);
  if (nrTranslated === 0) return { rc: 0, segments, iova: null };
  iommuDomainOf(dev).sync();
  return { rc: 0, segments, iova: { start, nrPages: nrTranslated } };
}

function enterSegments(
  machine: PciMachine,
  dev: DmaDevice,
  entries: readonly SgEntry[],
  types: readonly PciP2pdmaMapType[],
  start: number,
): SgSegment[] {
  const domain = iommuDomainOf(dev);
  const longest = dev.maxSegmentBytes / 2 ** machine.pageShift;
  const segments: SgSegment[] = [];
  let iova = start;
  for (const [at, { page, nrPages }] of entries.entries()) {
    if (types[at] === PCI_P2PDMA_MAP_BUS_ADDR && page.provider !== null) {
      segments.push({ address: pciP2pdmaBusAddrMap(page.provider, page.pfn), nrPages });
      continue;
    }
    iommuMap(domain, iova, page.pfn, nrPages, IOMMU_CACHE);
    const last = segments.at(-1);
    const joins = last?.address.space === domain.space && last.nrPages + nrPages <= longest;
    if (last !== undefined && joins) {
      segments[segments.length - 1] = { ...last, nrPages: last.nrPages + nrPages };
    } else {
      segments.push({ address: { space: domain.space, page: iova }, nrPages });
    }
    iova += nrPages;
  }
  return segments;
}
