// Giving part of a VMA other attributes: merge with a neighbour that has them, or split.
// Mirrors mm/vma.c vma_modify and its wrappers.
import type { Mempolicy, UserfaultfdCtx, VmAreaStruct, World } from "@faultline/core";
import { splitVma } from "./split-vma.ts";
import { vmaMergeExistingRange } from "./vma-merge.ts";

/** The attributes that change; what is left out stays. */
export interface VmaChange {
  readonly flags?: number;
  readonly policy?: Mempolicy | null;
  readonly uffdCtx?: UserfaultfdCtx | null;
}

/**
 * Makes `[start, end)` of a VMA a VMA of its own or a part of a neighbour, with the new attributes
 * set. Flags that never keep VMAs apart are inherited from the neighbour.
 * @returns the VMA that holds the range now, or a negative errno; parts split off before the
 * failure stay split.
 * @kernel mm/vma.c vma_modify (v7.2)
 */
export function vmaModify(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  change: VmaChange,
): VmAreaStruct | number {
  const flags = change.flags ?? vma.vmFlags;
  const policy = change.policy === undefined ? vma.vmPolicy : change.policy;
  const uffdCtx = change.uffdCtx === undefined ? vma.uffdCtx : change.uffdCtx;
  const merged = vmaMergeExistingRange(world, vma, {
    mm: vma.vmMm,
    start,
    end,
    pgoff: vma.indexOf(start),
    flags,
    file: vma.vmFile,
    anonVma: vma.anonVma,
    policy,
    uffdCtx,
    middle: vma,
    copiedFrom: null,
    keepsSource: false,
  });
  if (merged !== null) return merged;
  if (vma.vmStart < start) {
    const rc = splitVma(world, vma, start, true);
    if (rc !== 0) return rc;
  }
  if (vma.vmEnd > end) {
    const rc = splitVma(world, vma, end, false);
    if (rc !== 0) return rc;
  }
  vma.vmFlags = flags;
  vma.vmPolicy = policy;
  vma.uffdCtx = uffdCtx;
  return vma;
}
