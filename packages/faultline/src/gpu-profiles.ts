// The profiles of GPUs that come with the program.
import { shippedProfile, shippedProfileIds } from "@faultline/profiles";

/** Drivers of GPUs; NICs and accelerators behind an IOMMU are none. */
const GPU_STACKS: ReadonlySet<string> = new Set(["xe", "amdkfd", "uvm", "ats", "nouveau"]);

/** Their ids, in the order of the list. */
export function gpuProfileIds(): string[] {
  return shippedProfileIds().filter((id) => GPU_STACKS.has(shippedProfile(id)?.stack ?? ""));
}
