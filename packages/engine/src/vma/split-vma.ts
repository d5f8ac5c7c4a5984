// Cutting a VMA in two. Mirrors mm/vma.c __split_vma.
import { EINVAL, VM_HUGETLB, VmAreaStruct, type World } from "@faultline/core";
import { anonVmaClone } from "../rmap/anon-vma.ts";
import { vmaAdjustTransHuge } from "../thp/thp-allowable.ts";
import { vmaLinkFile } from "./vma-file.ts";
import { vmaSetRange } from "./vma-range.ts";

/**
 * A second VMA with the attributes of the first over another range; not in any list yet.
 * @kernel kernel/fork.c vm_area_dup (v7.2)
 */
export function vmAreaDup(
  vma: VmAreaStruct,
  start: number,
  end: number,
  pgoff: number,
): VmAreaStruct {
  const dup = new VmAreaStruct(vma.vmMm, start, end, vma.vmFlags, pgoff);
  dup.vmFile = vma.vmFile;
  dup.anonVma = vma.anonVma;
  dup.vmPolicy = vma.vmPolicy;
  dup.uffdCtx = vma.uffdCtx;
  return dup;
}

/**
 * Splits a VMA at a page inside it. The given VMA keeps the upper part when the new one is below,
 * else the lower part.
 * @returns 0, or -EINVAL where the VMA's pages cannot be divided there.
 * @kernel mm/vma.c __split_vma (v7.2)
 */
export function splitVma(
  world: World,
  vma: VmAreaStruct,
  boundary: number,
  isNewBelow: boolean,
): number {
  const isHugetlb = (vma.vmFlags & VM_HUGETLB) !== 0;
  if (isHugetlb && boundary % world.blockPages !== 0) return -EINVAL;
  const { vmStart, vmEnd, vmPgoff } = vma;
  const middle = vma.indexOf(boundary);
  const added = isNewBelow
    ? vmAreaDup(vma, vmStart, boundary, vmPgoff)
    : vmAreaDup(vma, boundary, vmEnd, middle);
  anonVmaClone(world, added, vma);
  vmaLinkFile(added);
  vmaAdjustTransHuge(world, vma, boundary);
  if (isNewBelow) vmaSetRange(world, vma, boundary, vmEnd, middle);
  else vmaSetRange(world, vma, vmStart, boundary, vmPgoff);
  vma.vmMm.insertVma(added);
  world.recorder?.note("vma-split", vma.vmMm.mmId, boundary, 0);
  return 0;
}
