// MADV_REMOVE: punching a hole through a mapping. Mirrors mm/madvise.c madvise_remove.
import {
  EACCES,
  EINVAL,
  VM_LOCKED,
  VM_MAYWRITE,
  VM_SHARED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import type { Verb } from "../verb.ts";
import { filePunchHole } from "./truncate.ts";

/**
 * Frees the file's pages behind `[start, end)` of one VMA. That the mapping is read-only at the
 * moment does not matter.
 * @returns 0; -EINVAL without a file or in locked memory; -EACCES for private mappings;
 * -EOPNOTSUPP.
 * @kernel mm/madvise.c madvise_remove (v7.2)
 */
export function* madviseRemove(world: World, vma: VmAreaStruct, start: number, end: number): Verb {
  const file = vma.vmFile;
  if (file === null || (vma.vmFlags & VM_LOCKED) !== 0) return -EINVAL;
  if (!vma.has(VM_SHARED | VM_MAYWRITE)) return -EACCES;
  return yield* filePunchHole(world, file, vma.indexOf(start), end - start);
}
