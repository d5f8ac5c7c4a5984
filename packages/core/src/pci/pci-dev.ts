// struct pci_dev: one function of the PCI tree. Mirrors include/linux/pci.h; link speeds, power
// states and everything a driver keeps are left out.
import type { AcsCapability } from "./acs.ts";
import { DmaDevice } from "./dma-device.ts";
import { formatPciAddress, type PciAddress } from "./pci-address.ts";
import type { PciBar } from "./pci-bar.ts";
import type { PciHostBridge } from "./pci-host-bridge.ts";
import type { PciP2pdma } from "./pci-p2pdma.ts";

/** What a function is, by its PCIe port type; `conventional` has no PCIe capability. */
export type PciKind =
  | "root-port"
  | "switch-upstream"
  | "switch-downstream"
  | "pcie-to-pci-bridge"
  | "pci-bridge"
  | "endpoint"
  | "legacy-endpoint"
  | "rc-integrated-endpoint"
  | "conventional";

/** Every kind. */
export const PCI_KINDS: readonly PciKind[] = [
  "root-port",
  "switch-upstream",
  "switch-downstream",
  "pcie-to-pci-bridge",
  "pci-bridge",
  "endpoint",
  "legacy-endpoint",
  "rc-integrated-endpoint",
  "conventional",
];

/** The kinds that have functions below them. */
export const PCI_BRIDGE_KINDS: ReadonlySet<PciKind> = new Set([
  "root-port",
  "switch-upstream",
  "switch-downstream",
  "pcie-to-pci-bridge",
  "pci-bridge",
]);

/** What a function is made from. */
export interface PciDevSpec {
  /** A stable name: it survives other functions coming and going. */
  readonly path: string;
  readonly address: PciAddress;
  readonly kind: PciKind;
  readonly vendor: number;
  readonly device: number;
  /** @defaultValue null: no ACS capability */
  readonly acs?: AcsCapability | null;
  /** @defaultValue none */
  readonly bars?: readonly PciBar[];
  /** A virtual function of an SR-IOV device. @defaultValue false */
  readonly isVirtual?: boolean;
  /** Its BARs may not be mapped (`non_mappable_bars`). @defaultValue false */
  readonly nonMappableBars?: boolean;
}

/** One function. */
export class PciDev {
  readonly path: string;
  readonly address: PciAddress;
  readonly kind: PciKind;
  readonly vendor: number;
  readonly device: number;
  readonly acs: AcsCapability | null;
  readonly bars: readonly PciBar[];
  readonly isVirtual: boolean;
  readonly nonMappableBars: boolean;
  readonly hostBridge: PciHostBridge;
  /** The bridge above it (for a virtual function, above its device); null on a root bus. */
  readonly upstream: PciDev | null;
  /** Its side as a requester. */
  readonly dev: DmaDevice;
  /** Its side as a provider; null until a driver sets it up. */
  p2pdma: PciP2pdma | null = null;

  constructor(spec: PciDevSpec, hostBridge: PciHostBridge, upstream: PciDev | null) {
    this.path = spec.path;
    this.address = spec.address;
    this.kind = spec.kind;
    this.vendor = spec.vendor;
    this.device = spec.device;
    this.acs = spec.acs ?? null;
    this.bars = spec.bars ?? [];
    this.isVirtual = spec.isVirtual ?? false;
    this.nonMappableBars = spec.nonMappableBars ?? false;
    this.hostBridge = hostBridge;
    this.upstream = upstream;
    this.dev = new DmaDevice(formatPciAddress(spec.address), upstream?.dev ?? null, this);
  }
}
