// Where the pages of a range are, without touching them. Mirrors drm_gpusvm_scan_mm of
// drivers/gpu/drm/drm_gpusvm.c.
import type { DevPagemap, World } from "@faultline/core";
import { HMM_PFN_VALID, type HmmRange } from "@faultline/engine";

/** The kernel's answers. */
export type GpusvmScan = "UNPOPULATED" | "EQUAL" | "OTHER" | "SYSTEM" | "MIXED_DEVICE" | "MIXED";

/**
 * Judges the words of a walk that asked for no fault.
 * @param target the pagemap that EQUAL means.
 * @kernelpart drivers/gpu/drm/drm_gpusvm.c drm_gpusvm_scan_mm (v7.2) the judgement after the walk
 */
export function scanRange(world: World, range: HmmRange, target: DevPagemap | null): GpusvmScan {
  const { frames } = world;
  let first: DevPagemap | null = null;
  let isMixed = false;
  let hasSystem = false;
  for (let i = 0; i < range.end - range.start; i++) {
    if (((range.flags[i] as number) & HMM_PFN_VALID) === 0) return "UNPOPULATED";
    const pgmap = frames.pgmapOf(range.pfns[i] as number);
    if (i === 0) first = pgmap;
    isMixed ||= pgmap !== first;
    hasSystem ||= pgmap === null;
  }
  if (isMixed) return hasSystem ? "MIXED" : "MIXED_DEVICE";
  if (first === null) return "SYSTEM";
  return first === target ? "EQUAL" : "OTHER";
}
