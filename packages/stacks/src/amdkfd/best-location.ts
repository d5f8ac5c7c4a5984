// Where amdkfd puts the pages of a range. Mirrors svm_range_best_restore_location and
// svm_range_best_prefetch_location of drivers/gpu/drm/amd/amdkfd/kfd_svm.c.
import { type AttachedDevice, reachesOverLink, reachesOverPci } from "@faultline/engine";
import type { KfdStack } from "./kfd-stack.ts";
import type { SvmAccess, SvmRange } from "./svm-range.ts";

/** A place: a GPU, or system memory. */
export type SvmLocation = AttachedDevice | "system";

/** Whether two GPUs are one or of one hive. */
export function isSameHive(a: AttachedDevice, b: AttachedDevice): boolean {
  return a === b || (a.device.hive !== null && a.device.hive === b.device.hive);
}

/** What a GPU may do: what was set, else with XNACK access, and nothing without it. */
export function accessOf(range: SvmRange, gpu: AttachedDevice, hasXnack: boolean): SvmAccess {
  return range.access.get(gpu) ?? (hasXnack ? "access" : "none");
}

/**
 * Where pages go when a GPU faults.
 * @returns null when the GPU may not access the range.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_best_restore_location (v7.2)
 */
export function svmRangeBestRestoreLocation(
  range: SvmRange,
  gpu: AttachedDevice,
  hasXnack: boolean,
): SvmLocation | null {
  const { preferredLoc, actualLoc } = range;
  if (gpu.memory === null) return "system";
  if (preferredLoc === gpu || preferredLoc === "system") return preferredLoc;
  if (typeof preferredLoc !== "string" && isSameHive(preferredLoc, gpu)) return preferredLoc;
  const access = accessOf(range, gpu, hasXnack);
  if (access === "access") return gpu;
  if (access === "none") return null;
  if (actualLoc === null) return "system";
  return isSameHive(actualLoc, gpu) ? actualLoc : "system";
}

/**
 * Where a prefetch really goes: to system memory when a GPU that must use the pages in place could
 * not reach them.
 * @param gpus all GPUs of the process.
 * @kernel drivers/gpu/drm/amd/amdkfd/kfd_svm.c svm_range_best_prefetch_location (v7.2)
 */
export function svmRangeBestPrefetchLocation(
  range: SvmRange,
  wanted: AttachedDevice,
  gpus: readonly AttachedDevice[],
  hasXnack: boolean,
): SvmLocation {
  const mustReach = gpus.filter((gpu) => {
    const access = accessOf(range, gpu, hasXnack);
    return access === "in_place" || (access === "access" && !hasXnack);
  });
  return mustReach.every((gpu) => isSameHive(gpu, wanted)) ? wanted : "system";
}

/**
 * Where pages go under the design `policy.leaveInPlace`: what a GPU would pull stays on a peer of
 * its owner space that it reaches over their link, or over PCIe where its entries can say so.
 */
export function leaveInPlace(
  { system, attached, reachesBeyondHive }: KfdStack,
  { actualLoc, preferredLoc }: SvmRange,
  location: SvmLocation | null,
): SvmLocation | null {
  if (location !== attached || preferredLoc === attached) return location;
  if (actualLoc === null || actualLoc.owner !== attached.owner) return location;
  const policy = system.world.designs["policy.leaveInPlace"];
  const isAsked = policy === "sameGroup" || policy === "p2pToo";
  if (isAsked && reachesOverLink(system, attached.device, actualLoc.device)) return actualLoc;
  const mayUsePci = policy === "p2pToo" && reachesBeyondHive;
  return mayUsePci && reachesOverPci(system, attached.device, actualLoc.device)
    ? actualLoc
    : location;
}
