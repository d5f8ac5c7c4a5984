// The limit of a POWER guest under KVM. It pays for the guest's hash page table and, per PCI host
// bridge, for DMA windows and the tables behind them. An NVLink2 guest gets one window that reaches
// to 128 TiB, because GPU memory lies between 64 and 128 TiB; the term does not depend on how many
// GPUs there are.
import type { LockLimitDomain } from "./lock-limit-domain.ts";
import type { LockLimitTerm } from "./memory-lock-limit.ts";

/** 4 MiB: the 32-bit DMA window of one host bridge. */
const PHB_WINDOW_KIB = 4096n;
/** 8 MiB: indexes of the tables. */
const TABLE_INDEX_KIB = 8192n;
/** 2 GiB: what libvirt takes for the 32-bit window of a host bridge with a VFIO device. */
const VFIO_PHB_KIB = 2n << 20n;
/** 8 bytes of table entry for each IOMMU page of 4 KiB. */
const TCE_RATIO = 512n;
/** 128 TiB. */
const NVLINK2_WINDOW_KIB = 128n << 30n;

/** The terms; those that count add up to the limit in KiB. */
export function ppc64Terms(domain: LockLimitDomain, forceVfio: boolean): LockLimitTerm[] {
  const { hostdevs, nrMdevs, nrVdpas, nrNvmes } = domain;
  const usesVfio = forceVfio || hostdevs.length + nrMdevs + nrVdpas + nrNvmes > 0;
  if (hostdevs.some((hostdev) => hostdev.isNvlink2Bridge)) {
    return [...baseTerms(domain), ...nvlink2Terms(domain)];
  }
  return usesVfio ? [...baseTerms(domain), ...vfioTerms(domain)] : baseTerms(domain);
}

function baseTerms({ maxMemoryKib, nrSpaprPhbs }: LockLimitDomain): LockLimitTerm[] {
  return [
    term(
      "hash page table",
      "maxMemory / 128",
      `${maxMemoryKib} / 128`,
      maxMemoryKib / 128n,
      "KVM allocates the guest's hash page table: 1/128 of the memory it can grow to",
    ),
    term(
      "DMA windows",
      "4096 * PHBs",
      `4096 * ${nrSpaprPhbs}`,
      PHB_WINDOW_KIB * BigInt(nrSpaprPhbs),
      "4 MiB for the 32-bit DMA window of each PCI host bridge",
    ),
    term("table indexes", "8192", "8192", TABLE_INDEX_KIB, "8 MiB for indexes of the tables"),
  ];
}

function nvlink2Terms({ maxMemoryKib, nrSpaprPhbs }: LockLimitDomain): LockLimitTerm[] {
  return [
    term(
      "guest memory",
      "maxMemory",
      String(maxMemoryKib),
      maxMemoryKib,
      "devices can reach all memory that the guest can grow to, so all of it is pinned",
    ),
    term(
      "NVLink2 window",
      "128 * 2^30 / 512 * PHBs",
      `${NVLINK2_WINDOW_KIB / TCE_RATIO} * ${nrSpaprPhbs}`,
      (NVLINK2_WINDOW_KIB / TCE_RATIO) * BigInt(nrSpaprPhbs),
      "the table of a DMA window up to 128 TiB, where GPU memory is: 8 bytes for each 4 KiB, " +
        "256 GiB for each host bridge",
    ),
    term(
      "second index",
      "8192",
      "8192",
      TABLE_INDEX_KIB,
      "8 MiB for indexes of that window's table",
    ),
  ];
}

/** The larger of two: one counts as a whole, the other is shown and does not. */
function vfioTerms({ memoryKib, nrSpaprPhbs }: LockLimitDomain): LockLimitTerm[] {
  const phbs = BigInt(nrSpaprPhbs);
  const windows = VFIO_PHB_KIB * phbs;
  // Divided first: what the division drops is dropped for every host bridge.
  const tables = (memoryKib / TCE_RATIO) * phbs;
  const windowsWin = windows > memoryKib + tables + TABLE_INDEX_KIB;
  const mappings = [
    term(
      "guest memory",
      "memory",
      String(memoryKib),
      memoryKib,
      "VFIO pins all memory that the guest has",
    ),
    term(
      "64-bit window",
      "memory / 512 * PHBs",
      `${memoryKib / TCE_RATIO} * ${nrSpaprPhbs}`,
      tables,
      "the table of each host bridge's 64-bit window: 8 bytes for each 4 KiB, divided first",
    ),
    term("second index", "8192", "8192", TABLE_INDEX_KIB, "8 MiB for indexes of those tables"),
  ];
  return [
    {
      ...term(
        "32-bit windows",
        "2 * 2^20 * PHBs",
        `${VFIO_PHB_KIB} * ${nrSpaprPhbs}`,
        windows,
        "guests that use 32-bit windows pin at most 2 GiB behind each host bridge; " +
          "instead of the next three where it is more",
      ),
      counts: windowsWin,
    },
    ...mappings.map((one) => ({ ...one, counts: !windowsWin })),
  ];
}

function term(
  name: string,
  formula: string,
  numbers: string,
  kib: bigint,
  why: string,
): LockLimitTerm {
  return { name, formula, numbers, kib, counts: true, why };
}
