// Which retry faults of a GPU reach the driver: a wave faults with all its lanes, and the hardware
// repeats a fault until its entry is there. Mirrors amdgpu_gmc_filter_faults and
// amdgpu_gmc_filter_faults_remove of drivers/gpu/drm/amd/amdgpu/amdgpu_gmc.c. Newer GPUs have a CAM
// that does the same until the driver acknowledges.
import type { MmStruct } from "@faultline/core";

/** Faults that the filter remembers, as its ring and its hash have room for. */
export const AMDGPU_GMC_FAULT_RING_SIZE = 256;

interface Remembered {
  readonly mm: MmStruct;
  readonly page: number;
  readonly timePs: number;
}

/** The filter of one GPU. */
export class RetryFilter {
  private readonly agePs: number;
  /** Oldest first. */
  private ring: Remembered[] = [];

  /** @param agePs how long a fault is remembered. */
  constructor(agePs: number) {
    this.agePs = agePs;
  }

  /**
   * Asks for a fault, and remembers it.
   * @returns true for a duplicate, which goes no further.
   * @kernel drivers/gpu/drm/amd/amdgpu/amdgpu_gmc.c amdgpu_gmc_filter_faults (v7.2)
   */
  amdgpuGmcFilterFaults(mm: MmStruct, page: number, timePs: number): boolean {
    const isKnown = this.ring.some(
      (one) => one.mm === mm && one.page === page && timePs - one.timePs < this.agePs,
    );
    if (isKnown) return true;
    if (this.ring.length === AMDGPU_GMC_FAULT_RING_SIZE) this.ring.shift();
    this.ring.push({ mm, page, timePs });
    return false;
  }

  /**
   * Forgets an address, so that its next fault is taken.
   * @kernel drivers/gpu/drm/amd/amdgpu/amdgpu_gmc.c amdgpu_gmc_filter_faults_remove (v7.2)
   */
  amdgpuGmcFilterFaultsRemove(mm: MmStruct, page: number): void {
    this.ring = this.ring.filter((one) => one.mm !== mm || one.page !== page);
  }

  /** An address space ends. */
  forget(mm: MmStruct): void {
    this.ring = this.ring.filter((one) => one.mm !== mm);
  }
}
