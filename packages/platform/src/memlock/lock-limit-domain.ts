// What of a virtual machine decides how much memory libvirt lets it lock. Sizes are KiB, libvirt's
// own unit in this calculation.

/** A PCI device handed to the guest through VFIO. */
export interface VfioHostdev {
  /** Its address on the host, such as 0006:00:00.1. */
  readonly address: string;
  /** Whether the host's device tree shows an NVLink2 bridge there. */
  readonly isNvlink2Bridge: boolean;
}

/** A virtual machine. */
export interface LockLimitDomain {
  readonly name: string;
  /** Guest architecture in libvirt's spelling: ppc64, ppc64le, x86_64, … */
  readonly arch: string;
  /** `kvm`, or `qemu` for emulation. */
  readonly type: string;
  /** All memory at start, memory devices included. */
  readonly memoryKib: bigint;
  /** What it can grow to; the same as `memoryKib` where nothing was said. */
  readonly maxMemoryKib: bigint;
  /** PCI host bridges of a pseries guest, the default one included. */
  readonly nrSpaprPhbs: number;
  readonly hostdevs: readonly VfioHostdev[];
  /** Mediated devices, vDPA interfaces, NVMe disks. */
  readonly nrMdevs: number;
  readonly nrVdpas: number;
  readonly nrNvmes: number;
  readonly hasViommu: boolean;
  /** `<hard_limit>`, or null. */
  readonly hardLimitKib: bigint | null;
  /** `<locked/>` */
  readonly isLocked: boolean;
}

/** A domain with nothing special, to be overridden. */
export const PLAIN_DOMAIN: Omit<LockLimitDomain, "memoryKib" | "maxMemoryKib"> = {
  name: "domain",
  arch: "x86_64",
  type: "kvm",
  nrSpaprPhbs: 0,
  hostdevs: [],
  nrMdevs: 0,
  nrVdpas: 0,
  nrNvmes: 0,
  hasViommu: false,
  hardLimitKib: null,
  isLocked: false,
};
