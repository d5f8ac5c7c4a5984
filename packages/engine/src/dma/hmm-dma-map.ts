// DMA addresses for what hmm_range_fault() reported, slot by slot. Mirrors mm/hmm.c; slots are one
// page each.
import {
  type DmaAddress,
  type DmaDevice,
  EOPNOTSUPP,
  PCI_P2PDMA_MAP_BUS_ADDR,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
  type PciMachine,
} from "@faultline/core";
import {
  HMM_PFN_DMA_MAPPED,
  HMM_PFN_INOUT_FLAGS,
  HMM_PFN_P2PDMA,
  HMM_PFN_P2PDMA_BUS,
  HMM_PFN_VALID,
} from "../hmm/hmm-pfn.ts";
import { type PciP2pdmaMapState, pciP2pdmaState } from "../p2pdma/map-type.ts";
import { pciP2pdmaBusAddrMap } from "./bus-address.ts";
import { DMA_ATTR_MMIO, DMA_ATTR_REQUIRE_COHERENT } from "./dma-attrs.ts";
import { dmaAddressingLimited, dmaNeedUnmap } from "./dma-device-limits.ts";
import { dmaMapPhys, dmaUnmapPhys } from "./dma-map-phys.ts";
import type { DmaPage } from "./dma-page.ts";
import {
  type DmaIovaState,
  dmaIovaFree,
  dmaIovaLink,
  dmaIovaSync,
  dmaIovaTryAlloc,
  dmaIovaUnlink,
  iommuDomainOf,
} from "./iommu-dma.ts";

/** The slots of one object that a device mirrors. */
export class HmmDmaMap {
  /** Upper halves of the slots' words, as in the range that fills them. */
  readonly flags: Uint32Array;
  /** IOVAs for the whole object; null without an IOMMU that translates. */
  readonly iova: DmaIovaState | null;
  /** Address of each slot, kept where there are no IOVAs and mappings must be undone. */
  readonly addresses: (DmaAddress | null)[] | null;

  constructor(flags: Uint32Array, iova: DmaIovaState | null, keepsAddresses: boolean) {
    this.flags = flags;
    this.iova = iova;
    this.addresses = keepsAddresses ? Array.from(flags, () => null) : null;
  }
}

/**
 * Prepares the slots of an object.
 * @param flags the column that hmm_range_fault() fills; the map keeps its sticky flags there.
 * @returns the map, or -EOPNOTSUPP when the device would need syncs or bounces.
 * @kernel mm/hmm.c hmm_dma_map_alloc (v7.2)
 */
export function hmmDmaMapAlloc(
  machine: PciMachine,
  dev: DmaDevice,
  flags: Uint32Array,
): HmmDmaMap | number {
  if (!dev.dmaSkipSync || dmaAddressingLimited(machine, dev)) return -EOPNOTSUPP;
  const iova = dmaIovaTryAlloc(machine, dev, flags.length);
  return new HmmDmaMap(flags, iova, iova === null && dmaNeedUnmap(dev));
}

/**
 * Gives a map's IOVAs back; every slot has been unmapped.
 * @kernel mm/hmm.c hmm_dma_map_free (v7.2)
 */
export function hmmDmaMapFree(dev: DmaDevice, map: HmmDmaMap): void {
  if (map.iova !== null) dmaIovaFree(dev, map.iova);
}

/**
 * The device's address of slot `i`, which holds `page`. A slot that is mapped already keeps its
 * address, so that a read mapping can become writable without a new entry.
 * @returns the address, or null for DMA_MAPPING_ERROR.
 * @kernel mm/hmm.c hmm_dma_map_pfn (v7.2)
 */
export function hmmDmaMapPfn(
  machine: PciMachine,
  dev: DmaDevice,
  map: HmmDmaMap,
  i: number,
  page: DmaPage,
  state: PciP2pdmaMapState,
): DmaAddress | null {
  const sticky = (map.flags[i] as number) & HMM_PFN_INOUT_FLAGS;
  const type = pciP2pdmaState(machine, state, dev, page.provider);
  if ((sticky & HMM_PFN_DMA_MAPPED) !== 0 && (sticky & HMM_PFN_P2PDMA_BUS) === 0) {
    const known = mappedAddress(dev, map, i);
    if (known !== null) return known;
  }
  switch (type) {
    case PCI_P2PDMA_MAP_NONE:
      return mapSlot(machine, dev, map, i, page.pfn, 0);
    case PCI_P2PDMA_MAP_THRU_HOST_BRIDGE:
      addFlags(map, i, HMM_PFN_P2PDMA);
      return mapSlot(machine, dev, map, i, page.pfn, DMA_ATTR_MMIO);
    case PCI_P2PDMA_MAP_BUS_ADDR:
      if (page.provider === null) return null;
      addFlags(map, i, HMM_PFN_P2PDMA_BUS | HMM_PFN_DMA_MAPPED);
      return pciP2pdmaBusAddrMap(page.provider, page.pfn);
    default:
      return null;
  }
}

/**
 * Undoes the mapping of slot `i`.
 * @returns false when there was none.
 * @kernel mm/hmm.c hmm_dma_unmap_pfn (v7.2)
 */
export function hmmDmaUnmapPfn(
  machine: PciMachine,
  dev: DmaDevice,
  map: HmmDmaMap,
  i: number,
): boolean {
  const flags = map.flags[i] as number;
  if ((flags & HMM_PFN_VALID) === 0 || (flags & HMM_PFN_DMA_MAPPED) === 0) return false;
  if ((flags & HMM_PFN_P2PDMA_BUS) === 0) {
    const kept = map.addresses?.[i] ?? null;
    if (map.iova !== null) dmaIovaUnlink(dev, map.iova, i, 1);
    else if (kept !== null) dmaUnmapPhys(machine, dev, kept, 1);
    if (map.addresses !== null) map.addresses[i] = null;
  }
  map.flags[i] = flags & ~HMM_PFN_INOUT_FLAGS;
  return true;
}

function mappedAddress(dev: DmaDevice, map: HmmDmaMap, i: number): DmaAddress | null {
  if (map.iova === null) return map.addresses?.[i] ?? null;
  return { space: iommuDomainOf(dev).space, page: map.iova.start + i };
}

function mapSlot(
  machine: PciMachine,
  dev: DmaDevice,
  map: HmmDmaMap,
  i: number,
  pfn: number,
  attrs: number,
): DmaAddress | null {
  let address: DmaAddress | null;
  if (map.iova === null) {
    address = dmaMapPhys(machine, dev, pfn, 1, attrs | DMA_ATTR_REQUIRE_COHERENT);
    if (map.addresses !== null) map.addresses[i] = address;
  } else {
    dmaIovaLink(dev, map.iova, pfn, i, 1, attrs);
    dmaIovaSync(dev);
    address = mappedAddress(dev, map, i);
  }
  if (address === null) map.flags[i] = (map.flags[i] as number) & ~HMM_PFN_P2PDMA;
  else addFlags(map, i, HMM_PFN_DMA_MAPPED);
  return address;
}

function addFlags(map: HmmDmaMap, i: number, flags: number): void {
  map.flags[i] = (map.flags[i] as number) | flags;
}
