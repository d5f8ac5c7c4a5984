// The address that reaches peer memory without passing the root.
import type { DmaAddress, P2pdmaProvider } from "@faultline/core";

/** @kernel include/linux/pci-p2pdma.h pci_p2pdma_bus_addr_map (v7.2) */
export function pciP2pdmaBusAddrMap(provider: P2pdmaProvider, pfn: number): DmaAddress {
  return { space: provider.owner.hostBridge.space, page: pfn + provider.busOffsetPages };
}
