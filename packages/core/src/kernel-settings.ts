// Settings that an administrator changes at run time, under their names in /sys and /proc.

/** Who gets transparent huge pages: everybody, who asked by madvise, nobody. */
export type ThpMode = "always" | "madvise" | "never";

/** Run-time settings of a world's kernel. */
export interface KernelSettings {
  /** /sys/kernel/mm/transparent_hugepage/enabled */
  thpEnabled: ThpMode;
  /** /sys/kernel/mm/transparent_hugepage/use_zero_page */
  thpUseZeroPage: boolean;
  /** khugepaged/max_ptes_none, _swap and _shared; a value above 511 is refused by the kernel. */
  maxPtesNone: number;
  maxPtesSwap: number;
  maxPtesShared: number;
  /** /sys/kernel/mm/ksm/use_zero_pages */
  ksmUseZeroPages: boolean;
  /** /sys/kernel/mm/ksm/max_page_sharing */
  ksmMaxPageSharing: number;
  /** /proc/sys/kernel/numa_balancing: hint faults are handled whatever this says. */
  numaBalancing: boolean;
  /** Bytes of fault-around for files, in pages (debugfs fault_around_bytes). */
  faultAroundPages: number;
}

/** The settings of the reference configuration for a geometry whose block has `blockPages`. */
export function defaultKernelSettings(blockPages: number): KernelSettings {
  return {
    thpEnabled: "madvise",
    thpUseZeroPage: true,
    maxPtesNone: blockPages - 1,
    maxPtesSwap: blockPages / 8,
    maxPtesShared: blockPages / 2,
    ksmUseZeroPages: false,
    ksmMaxPageSharing: 256,
    numaBalancing: false,
    faultAroundPages: 16,
  };
}
