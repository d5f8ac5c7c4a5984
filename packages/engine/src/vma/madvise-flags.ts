// Advices that only change the flags of VMAs. Mirrors mm/madvise.c madvise_vma_behavior and
// madvise_update_vma, and hugepage_madvise of mm/khugepaged.c.
import {
  EAGAIN,
  EINVAL,
  ENOMEM,
  VM_DONTCOPY,
  VM_HUGEPAGE,
  VM_IO,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_WIPEONFORK,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { khugepagedEnterVma } from "../collapse/khugepaged-slots.ts";
import {
  MADV_DOFORK,
  MADV_DONTFORK,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WIPEONFORK,
} from "./madvise-advice.ts";
import { vmaModify } from "./vma-modify.ts";

/** Which flags an advice sets and clears. */
interface FlagAdvice {
  readonly set: number;
  readonly clear: number;
}

const FLAG_ADVICES: ReadonlyMap<string, FlagAdvice> = new Map<string, FlagAdvice>([
  [MADV_NORMAL, { set: 0, clear: VM_RAND_READ | VM_SEQ_READ }],
  [MADV_RANDOM, { set: VM_RAND_READ, clear: VM_SEQ_READ }],
  [MADV_SEQUENTIAL, { set: VM_SEQ_READ, clear: VM_RAND_READ }],
  [MADV_DONTFORK, { set: VM_DONTCOPY, clear: 0 }],
  [MADV_DOFORK, { set: 0, clear: VM_DONTCOPY }],
  [MADV_WIPEONFORK, { set: VM_WIPEONFORK, clear: 0 }],
  [MADV_KEEPONFORK, { set: 0, clear: VM_WIPEONFORK }],
  [MADV_HUGEPAGE, { set: VM_HUGEPAGE, clear: VM_NOHUGEPAGE }],
  [MADV_NOHUGEPAGE, { set: VM_NOHUGEPAGE, clear: VM_HUGEPAGE }],
]);

/** True for an advice that `madviseFlags` carries out. */
export function isFlagAdvice(advice: string): boolean {
  return FLAG_ADVICES.has(advice);
}

/**
 * Carries out an advice that only changes flags, on the part `[start, end)` of one VMA.
 * @returns 0, -EINVAL where the VMA does not take the advice, or -EAGAIN without memory.
 */
export function madviseFlags(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  advice: string,
): number {
  const { set, clear } = FLAG_ADVICES.get(advice) ?? { set: 0, clear: 0 };
  if (advice === MADV_DOFORK && (vma.vmFlags & VM_IO) !== 0) return -EINVAL;
  const isSharable = vma.vmFile !== null || (vma.vmFlags & VM_SHARED) !== 0;
  if (advice === MADV_WIPEONFORK && isSharable) return -EINVAL;
  return madviseUpdateVma(world, vma, start, end, (vma.vmFlags & ~clear) | set);
}

/**
 * Gives the part of a VMA its new flags.
 * @returns 0, -EINVAL, or -EAGAIN where the kernel would be short of memory.
 * @kernel mm/madvise.c madvise_update_vma (v7.2)
 */
export function madviseUpdateVma(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  flags: number,
): number {
  if (flags === vma.vmFlags) return 0;
  const changed = vmaModify(world, vma, start, end, { flags });
  if (typeof changed === "number") return changed === -ENOMEM ? -EAGAIN : changed;
  // Any news of a VMA with MADV_HUGEPAGE counts, whatever it is. khugepaged judges the part that
  // took the advice, not the VMA it was cut from.
  if ((flags & VM_HUGEPAGE) !== 0) khugepagedEnterVma(world, changed);
  return 0;
}
