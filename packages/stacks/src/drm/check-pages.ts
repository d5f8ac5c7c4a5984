// Whether the pages that a walk found can be mapped together. Mirrors the loop of
// drm_gpusvm_get_pages of drivers/gpu/drm/drm_gpusvm.c.
import {
  type DevPagemap,
  EFAULT,
  EOPNOTSUPP,
  MEMORY_DEVICE_PCI_P2PDMA,
  type World,
} from "@faultline/core";
import type { HmmRange } from "@faultline/engine";
import type { DevmemAllocation } from "./devmem-allocation.ts";

/** What the driver allows. */
export interface PageRules {
  readonly mixedAllowed: boolean;
  /** Only device memory will do. */
  readonly devmemOnly: boolean;
  readonly allocationOf: (pfn: number) => DevmemAllocation | undefined;
}

/**
 * @returns 0; -EOPNOTSUPP for pages of two allocations, of two devices, of device and system
 * memory, or explicit P2P pages; -EFAULT for system memory where only device memory will do.
 * @kernelpart drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_get_pages (v7.2) the checks of each page
 */
export function checkPages(world: World, range: HmmRange, rules: PageRules): number {
  let pagemap: DevPagemap | null = null;
  let previous: DevmemAllocation | undefined;
  for (let i = 0; i < range.end - range.start; i++) {
    const pfn = range.pfns[i] as number;
    const pgmap = world.frames.pgmapOf(pfn);
    if (pgmap?.type === MEMORY_DEVICE_PCI_P2PDMA) return -EOPNOTSUPP;
    // Two devices never share a chunk, whatever the driver allows.
    if (pgmap !== null && pagemap !== null && pgmap !== pagemap) return -EOPNOTSUPP;
    pagemap ??= pgmap;
    const allocation = pgmap === null ? undefined : rules.allocationOf(pfn);
    if (i > 0 && allocation !== previous && !rules.mixedAllowed) return -EOPNOTSUPP;
    if (pgmap === null && rules.devmemOnly) return -EFAULT;
    previous = allocation;
  }
  return 0;
}
