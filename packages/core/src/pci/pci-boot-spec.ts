// What a PCI machine boots with: the hardware, and what the kernel is told. Plain data: the engine
// makes a running machine of it.
import type { IommuDomainKind } from "./iommu-domain.ts";
import type { PciDev } from "./pci-dev.ts";
import type { HostCpu } from "./pci-machine.ts";
import type { PciTree } from "./pci-tree.ts";

/** One entry of `pci=config_acs=`: flags as written, highest bit first, and the function. */
export interface ConfigAcs {
  /** `0`, `1` or `x` per bit; the last character is bit 0. */
  readonly flags: string;
  readonly path: string;
}

/** What the kernel is told about ACS. */
export interface AcsOptions {
  /** `pci=noats`. */
  readonly atsIsOff?: boolean;
  /** `pci=config_acs=`; the first entry that names a function counts. */
  readonly configAcs?: readonly ConfigAcs[];
  /** `pci=disable_acs_redir=`, as paths. */
  readonly disableAcsRedir?: readonly string[];
}

/** The boot option `swiotlb=`. */
export type SwiotlbMode = "default" | "force" | "noforce";

/** The IOMMUs of a machine, all of one kind. */
export interface IommuSpec {
  readonly vendor: "intel" | "amd";
  /** What every group's domain is; `off` is an IOMMU that the kernel was told to leave alone. */
  readonly mode: IommuDomainKind | "off";
}

/** A machine before it boots. */
export interface PciBootSpec {
  readonly tree: PciTree;
  readonly cpu: HostCpu;
  readonly pageShift: number;
  /** One above the highest page of RAM, and one above the highest below 4 GiB. */
  readonly ramEndPfn: number;
  readonly lowEndPfn: number;
  readonly swiotlb: SwiotlbMode;
  /** null for a machine without one. */
  readonly iommu: IommuSpec | null;
  readonly acs: AcsOptions;
  /** The IOMMU group of each requester; a function without one has no domain. */
  readonly groups: ReadonlyMap<PciDev, string>;
  /** BARs that drivers register and publish; `nrPages` 0 stands for the whole BAR. */
  readonly peerMemory: readonly {
    readonly fn: PciDev;
    readonly bar: number;
    readonly nrPages: number;
  }[];
}
