// A machine as the PCI and DMA layers see it: the tree, the CPU, where RAM ends, bounce buffers.
import type { DmaSpace } from "./dma-address.ts";
import { DEFAULT_P2PDMA_SETTINGS, type P2pdmaSettings } from "./p2pdma-settings.ts";
import type { PciTree } from "./pci-tree.ts";
import type { Swiotlb } from "./swiotlb.ts";

/** The host CPU as the kernel identifies it; all sockets have the same. */
export interface HostCpu {
  /** The vendor text of CPUID, such as `AuthenticAMD`; other architectures have none. */
  readonly vendor: string;
  readonly family: number;
  /** Bits of a physical address. @defaultValue 46, what x86-64 with four levels can have at most */
  readonly physicalBits?: number;
}

/** What a machine is made from. */
export interface PciMachineSpec {
  readonly tree: PciTree;
  readonly cpu: HostCpu;
  /** One above the highest page number of RAM. */
  readonly ramEndPfn: number;
  /** @defaultValue 12, pages of 4 KiB */
  readonly pageShift?: number;
  /** @defaultValue null: no bounce buffers */
  readonly swiotlb?: Swiotlb | null;
  /** @defaultValue as Linux 7.2 */
  readonly p2pdma?: Partial<P2pdmaSettings>;
}

/** The machine. */
export class PciMachine {
  readonly tree: PciTree;
  readonly cpu: HostCpu;
  readonly ramEndPfn: number;
  readonly pageShift: number;
  readonly swiotlb: Swiotlb | null;
  /** Whoever changes the policy does so before the first pair is decided. */
  p2pdma: P2pdmaSettings;
  /** CPU physical addresses: what a device uses where no IOMMU translates. */
  readonly physical: DmaSpace = { kind: "physical", name: "physical addresses" };

  constructor(spec: PciMachineSpec) {
    this.tree = spec.tree;
    this.cpu = spec.cpu;
    this.ramEndPfn = spec.ramEndPfn;
    this.pageShift = spec.pageShift ?? 12;
    this.swiotlb = spec.swiotlb ?? null;
    this.p2pdma = { ...DEFAULT_P2PDMA_SETTINGS, ...spec.p2pdma };
  }
}
