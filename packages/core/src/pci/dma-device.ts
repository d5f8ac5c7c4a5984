// The part of struct device that the DMA layer looks at. Mirrors include/linux/device.h.
import type { IommuDomain } from "./iommu-domain.ts";
import type { PciDev } from "./pci-dev.ts";

/** A device that issues DMA: a PCI function, or something below one or beside PCI altogether. */
export class DmaDevice {
  readonly name: string;
  readonly parent: DmaDevice | null;
  /** The function this device is; null for one that is not on PCI. */
  readonly pci: PciDev | null;
  /** The domain of its IOMMU group; null where no IOMMU serves it. */
  iommu: IommuDomain | null = null;
  dmaMaskBits = 64;
  /** The hardware keeps its view of memory coherent with the CPUs' caches. */
  isCoherent = true;
  /** The longest segment of a scatter list it takes. */
  maxSegmentBytes = 0x1_0000;
  /** No mapping of this device has needed a CPU cache sync or a bounce so far. */
  dmaSkipSync = true;

  constructor(name: string, parent: DmaDevice | null = null, pci: PciDev | null = null) {
    this.name = name;
    this.parent = parent;
    this.pci = pci;
  }
}
