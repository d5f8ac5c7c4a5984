// UFFDIO_COPY, UFFDIO_ZEROPAGE and UFFDIO_POISON: putting something where nothing is mapped.
// Mirrors mm/userfaultfd.c mfill_atomic. hugetlb destinations are left out.
import {
  EAGAIN,
  EINVAL,
  ENOENT,
  type MmStruct,
  type TaskStruct,
  VM_HUGETLB,
  VM_SHARED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { checkCall } from "../check-arguments.ts";
import { mmapReadLock, mmapReadUnlock } from "../mmap-lock.ts";
import { anonVmaPrepare } from "../rmap/anon-vma.ts";
import type { Verb } from "../verb.ts";
import { mfillAtomicPte } from "./mfill-page.ts";
import { userfaultfdWp } from "./predicates.ts";

/** What a filled page holds. */
export type MfillSource =
  | { readonly kind: "copy"; readonly tokens: ArrayLike<number>; readonly writeProtect: boolean }
  | { readonly kind: "zeropage" }
  | { readonly kind: "poison" };

/**
 * Fills pages from `start` on with copies of `tokens`, write-protected when asked.
 * @returns pages filled; -EAGAIN when only some were; the error of the first page otherwise.
 * @kernelpart mm/userfaultfd.c mfill_atomic_copy (v7.2) the ioctl with its checks and the loop
 * below it
 */
export function userfaultfdCopy(
  world: World,
  task: TaskStruct,
  start: number,
  tokens: ArrayLike<number>,
  writeProtect: boolean,
): Verb {
  return mfillAtomic(world, task, start, tokens.length, { kind: "copy", tokens, writeProtect });
}

/**
 * Maps the zero page, or fresh zeroed pages of shared memory, at `nrPages` pages from `start` on.
 * @returns as {@link userfaultfdCopy}.
 * @kernelpart mm/userfaultfd.c mfill_atomic_zeropage (v7.2) the ioctl with its checks and the loop
 * below it
 */
export function userfaultfdZeropage(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
): Verb {
  return mfillAtomic(world, task, start, nrPages, { kind: "zeropage" });
}

/**
 * Makes every access to `nrPages` pages from `start` on end in SIGBUS, as broken memory would.
 * @returns as {@link userfaultfdCopy}.
 * @kernelpart mm/userfaultfd.c mfill_atomic_poison (v7.2) the ioctl with its checks and the loop
 * below it
 */
export function userfaultfdPoison(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
): Verb {
  return mfillAtomic(world, task, start, nrPages, { kind: "poison" });
}

/** @kernel mm/userfaultfd.c mfill_atomic (v7.2) */
function* mfillAtomic(
  world: World,
  task: TaskStruct,
  start: number,
  nrPages: number,
  source: MfillSource,
): Verb {
  checkCall(world, task, start, nrPages);
  if (nrPages === 0) return -EINVAL;
  const { mm } = task;
  yield* mmapReadLock(world, mm);
  const vma = mfillVma(world, mm, start, start + nrPages);
  let rc = vma === null ? -ENOENT : mayFill(vma, source);
  let nrFilled = 0;
  if (vma !== null && rc === 0) {
    while (nrFilled < nrPages && rc === 0) {
      rc = mfillAtomicPte(world, task, vma, start + nrFilled, source, nrFilled);
      if (rc === 0) nrFilled++;
    }
    if (nrFilled > 0) world.recorder?.note(`uffd-${source.kind}`, mm.mmId, start, nrFilled);
  }
  mmapReadUnlock(mm);
  if (nrFilled === 0) return rc;
  return nrFilled === nrPages ? nrFilled : -EAGAIN;
}

/**
 * The registered VMA that holds the whole range, or null. The VMA at its start gets its anon_vma
 * even when it turns out to be the wrong one.
 * @kernel mm/userfaultfd.c uffd_mfill_lock (v7.2)
 */
function mfillVma(world: World, mm: MmStruct, start: number, end: number): VmAreaStruct | null {
  const vma = mm.vmaAt(start);
  if (vma === null) return null;
  if ((vma.vmFlags & VM_SHARED) === 0) anonVmaPrepare(world, vma);
  return end <= vma.vmEnd && vma.uffdCtx !== null ? vma : null;
}

function mayFill(vma: VmAreaStruct, source: MfillSource): number {
  const isProtected = source.kind === "copy" && source.writeProtect;
  if (isProtected && !userfaultfdWp(vma)) return -EINVAL;
  if ((vma.vmFlags & VM_HUGETLB) !== 0) return -EINVAL;
  return vma.isAnonymous || vma.vmFile?.isSwapBacked === true ? 0 : -EINVAL;
}
