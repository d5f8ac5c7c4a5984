// The VMA part of mbind. Mirrors mm/mempolicy.c mbind_range. Shared memory keeps the policy itself,
// so that it outlives the mapping it was set through.
import { type Mempolicy, mempolicyEqual, type MmStruct, type World } from "@faultline/core";
import { vmaModify } from "./vma-modify.ts";

/**
 * Sets the policy of everything mapped in `[start, end)`, splitting and merging VMAs.
 * @returns 0 or a negative errno.
 * @kernelpart mm/mempolicy.c mbind_range (v7.2) goes through all VMAs of the range
 */
export function vmaSetPolicy(
  world: World,
  mm: MmStruct,
  start: number,
  end: number,
  policy: Mempolicy | null,
): number {
  let from = start;
  while (from < end) {
    const vma = mm.vmas[mm.indexAtOrAfter(from)];
    if (vma === undefined || vma.vmStart >= end) break;
    from = Math.max(from, vma.vmStart);
    const to = Math.min(end, vma.vmEnd);
    if (!mempolicyEqual(vma.vmPolicy, policy)) {
      const changed = vmaModify(world, vma, from, to, { policy });
      if (typeof changed === "number") return changed;
      const { vmFile } = changed;
      if (vmFile?.isSwapBacked === true) {
        vmFile.sharedPolicy.set(changed.indexOf(from), changed.indexOf(to), policy);
      }
    }
    from = to;
  }
  return 0;
}
