// The limit of every guest that is no POWER guest under KVM: guest memory as many times as it is
// mapped for devices, and 1 GiB for their own registers and queues.
import type { LockLimitDomain } from "./lock-limit-domain.ts";
import type { LibvirtVersion, LockLimitTerm } from "./memory-lock-limit.ts";

/** 1 GiB. */
const IO_KIB = 1n << 20n;

interface Share {
  readonly name: string;
  readonly formula: string;
  readonly times: number;
  readonly why: string;
}

/** The terms; none where nothing locks memory. */
export function genericTerms(
  domain: LockLimitDomain,
  version: LibvirtVersion,
  forceVfio: boolean,
): LockLimitTerm[] {
  const shares = sharesOf(domain, version, forceVfio).filter(({ times }) => times > 0);
  if (shares.length === 0) return [];
  const terms = shares.map(({ name, formula, times, why }): LockLimitTerm => {
    const kib = domain.memoryKib * BigInt(times);
    const numbers = `${times} * ${domain.memoryKib}`;
    return { name, formula, numbers, kib, counts: true, why };
  });
  return [...terms, IO_TERM];
}

const IO_TERM: LockLimitTerm = {
  name: "device I/O",
  formula: "2^20",
  numbers: String(IO_KIB),
  kib: IO_KIB,
  counts: true,
  why: "1 GiB for the devices' own memory-mapped registers and queues",
};

function sharesOf(
  { hostdevs, nrMdevs, nrVdpas, nrNvmes, hasViommu }: LockLimitDomain,
  version: LibvirtVersion,
  forceVfio: boolean,
): Share[] {
  const nrHostdevs = hostdevs.length + nrMdevs;
  const isOld = version === "9.0";
  // 9.0 put NVMe disks together with VFIO devices; 12.8 knows that each has a mapping of its own.
  const nrShared = isOld ? nrHostdevs + nrNvmes : nrHostdevs;
  const isMapped = nrShared > 0 || forceVfio;
  const vfioTimes = hasViommu ? Math.max(nrShared, 1) : 1;
  return [
    {
      name: "vDPA",
      formula: "memory * vDPA interfaces",
      times: nrVdpas,
      why: "each vDPA interface maps all guest memory for itself",
    },
    {
      name: "NVMe",
      formula: "memory * NVMe disks",
      times: isOld ? 0 : nrNvmes,
      why: "QEMU's NVMe driver maps all guest memory for each disk",
    },
    {
      name: isOld ? "VFIO and NVMe" : "VFIO",
      formula: hasViommu ? "memory * devices" : "memory",
      times: isMapped ? vfioTimes : 0,
      why: hasViommu
        ? "behind a vIOMMU each device has an address space of its own"
        : "devices without a vIOMMU share one mapping of guest memory",
    },
  ];
}
