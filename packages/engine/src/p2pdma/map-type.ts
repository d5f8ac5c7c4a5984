// The map type of a page for a requester, as the DMA layer asks for it. Mirrors
// include/linux/pci-p2pdma.h and drivers/pci/p2pdma.c.
import {
  type DmaDevice,
  type P2pdmaProvider,
  PCI_P2PDMA_MAP_NONE,
  PCI_P2PDMA_MAP_NOT_SUPPORTED,
  PCI_P2PDMA_MAP_UNKNOWN,
  pciAddressKey,
  type PciMachine,
  type PciP2pdmaMapType,
} from "@faultline/core";
import { calcMapTypeAndDist } from "./calc-map-type.ts";

/** What a mapping remembers from page to page: pages of one provider are decided once. */
export interface PciP2pdmaMapState {
  memProvider: P2pdmaProvider | null;
  map: PciP2pdmaMapType;
}

/** The state of a mapping that has met no peer memory yet. */
export function createP2pdmaMapState(): PciP2pdmaMapState {
  return { memProvider: null, map: PCI_P2PDMA_MAP_UNKNOWN };
}

/**
 * How a device may reach a provider. Unlike a distance, this is about the device itself: one that
 * merely sits below a PCI function is refused.
 * @kernel drivers/pci/p2pdma.c pci_p2pdma_map_type (v7.2)
 */
export function pciP2pdmaMapType(
  machine: PciMachine,
  provider: P2pdmaProvider,
  dev: DmaDevice,
): PciP2pdmaMapType {
  const { p2pdma } = provider.owner;
  if (p2pdma === null || dev.pci === null) return PCI_P2PDMA_MAP_NOT_SUPPORTED;
  const remembered = p2pdma.mapTypes.get(pciAddressKey(dev.pci.address));
  return remembered ?? calcMapTypeAndDist(machine, provider.owner, dev.pci).type;
}

/**
 * The map type of one page; `provider` is null for a page of ordinary memory.
 * @kernel include/linux/pci-p2pdma.h pci_p2pdma_state (v7.2)
 */
export function pciP2pdmaState(
  machine: PciMachine,
  state: PciP2pdmaMapState,
  dev: DmaDevice,
  provider: P2pdmaProvider | null,
): PciP2pdmaMapType {
  if (provider === null) return PCI_P2PDMA_MAP_NONE;
  if (state.memProvider !== provider) {
    state.memProvider = provider;
    state.map = pciP2pdmaMapType(machine, provider, dev);
  }
  return state.map;
}
