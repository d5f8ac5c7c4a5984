// MADV_MERGEABLE and MADV_UNMERGEABLE. Mirrors mm/ksm.c ksm_madvise.
import {
  type TaskStruct,
  VM_HUGETLB,
  VM_MERGEABLE,
  VM_SHARED,
  VM_SPECIAL,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import type { Verb } from "../verb.ts";
import { breakKsmVerb } from "./break-ksm.ts";
import { ksmEnter } from "./ksm-state.ts";

/** MADV_MERGEABLE or MADV_UNMERGEABLE. */
export type KsmAdvice = "mergeable" | "unmergeable";

/**
 * Works out the flags of a part of a VMA that gets the advice, and un-merges its pages first where
 * the advice asks for it. The caller changes the VMA. Mappings that cannot be merged keep their
 * flags, which is no error.
 * @param flags the flags the part would have otherwise.
 * @returns the new flags, or -ENOMEM.
 * @kernel mm/ksm.c ksm_madvise (v7.2)
 */
export function* ksmMadvise(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  start: number,
  end: number,
  advice: KsmAdvice,
  flags: number = vma.vmFlags,
): Verb {
  const isMergeable = vma.has(VM_MERGEABLE);
  if (advice === "mergeable") {
    if (isMergeable || (vma.vmFlags & (VM_SHARED | VM_SPECIAL | VM_HUGETLB)) !== 0) return flags;
    ksmEnter(world, vma.vmMm);
    return flags | VM_MERGEABLE;
  }
  if (!isMergeable) return flags;
  if (vma.anonVma !== null) {
    const result = yield* breakKsmVerb(world, task, vma, start, end);
    if (result !== 0) return result;
  }
  return flags & ~VM_MERGEABLE;
}
