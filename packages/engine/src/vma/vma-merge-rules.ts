// When a range may become part of a neighbouring VMA. Mirrors the predicates of mm/vma.c.
// Names of anonymous VMAs and the close operation of drivers are left out.
import {
  type AddressSpace,
  type AnonVma,
  type Mempolicy,
  mempolicyEqual,
  type MmStruct,
  type UserfaultfdCtx,
  VM_MAYBE_GUARD,
  VM_SPECIAL,
  type VmAreaStruct,
} from "@faultline/core";

/** Flags that never keep two VMAs apart; the merged VMA has them when either had (`VM_STICKY`). */
export const VM_STICKY: number = VM_MAYBE_GUARD;

/** A range as it is going to be, and its neighbours (`struct vma_merge_struct`). */
export interface VmaMergeRequest {
  readonly mm: MmStruct;
  readonly start: number;
  readonly end: number;
  readonly pgoff: number;
  readonly flags: number;
  readonly file: AddressSpace | null;
  readonly anonVma: AnonVma | null;
  readonly policy: Mempolicy | null;
  readonly uffdCtx: UserfaultfdCtx | null;
  /** The VMA that contains the range, or null when the range is new. */
  readonly middle: VmAreaStruct | null;
  /** The VMA whose pages are about to move into the new range, or null. */
  readonly copiedFrom: VmAreaStruct | null;
  /** True when `copiedFrom` outlives the move and so is no neighbour to merge with. */
  readonly keepsSource: boolean;
}

/** The neighbours that a range may merge with. */
export interface MergeableNeighbours {
  readonly prev: VmAreaStruct | null;
  readonly next: VmAreaStruct | null;
}

function hasSameAttributes(vma: VmAreaStruct, request: VmaMergeRequest): boolean {
  return (
    mempolicyEqual(request.policy, vma.vmPolicy) &&
    ((vma.vmFlags ^ request.flags) & ~VM_STICKY) === 0 &&
    vma.vmFile === request.file &&
    vma.uffdCtx === request.uffdCtx
  );
}

/**
 * A VMA with more than one link still shares pages with a parent. Such a VMA is not widened: that
 * would put more folios under the lock of the family's root.
 * @kernel mm/vma.c vma_had_uncowed_parents (v7.2)
 */
function hasParentsPages(vma: VmAreaStruct | null): boolean {
  return vma !== null && vma.anonVma !== null && vma.anonVmaChain.length !== 1;
}

/** @kernel mm/vma.c is_mergeable_anon_vma (v7.2) */
function areAnonVmasCompatible(target: VmAreaStruct, request: VmaMergeRequest): boolean {
  if (target.anonVma === null && request.anonVma !== null) {
    return !hasParentsPages(request.middle) && !hasParentsPages(request.copiedFrom);
  }
  if (target.anonVma !== null && request.anonVma === null) return !hasParentsPages(target);
  return target.anonVma === request.anonVma;
}

function canMerge(vma: VmAreaStruct, request: VmaMergeRequest): boolean {
  if (request.keepsSource && vma === request.copiedFrom) return false;
  return hasSameAttributes(vma, request) && areAnonVmasCompatible(vma, request);
}

/**
 * Which of the two VMAs beside the range it could merge with. With both, they also have to be
 * compatible with each other.
 * @kernelpart mm/vma.c can_vma_merge_left (v7.2) answers for both sides at once
 * @kernelpart mm/vma.c can_vma_merge_right (v7.2) answers for both sides at once
 */
export function findMergeableNeighbours(
  request: VmaMergeRequest,
  prev: VmAreaStruct | null,
  next: VmAreaStruct | null,
): MergeableNeighbours {
  if ((request.flags & VM_SPECIAL) !== 0) return { prev: null, next: null };
  const { start, end, pgoff } = request;
  const joinsPrev =
    prev !== null &&
    prev.vmEnd === start &&
    prev.vmPgoff + prev.nrPages === pgoff &&
    canMerge(prev, request);
  const joinsNext =
    next !== null &&
    next.vmStart === end &&
    next.vmPgoff === pgoff + (end - start) &&
    canMerge(next, request);
  if (joinsPrev && joinsNext && !areLinkable(prev, next)) return { prev, next: null };
  return { prev: joinsPrev ? prev : null, next: joinsNext ? next : null };
}

function areLinkable(prev: VmAreaStruct, next: VmAreaStruct): boolean {
  return prev.anonVma === null || next.anonVma === null || prev.anonVma === next.anonVma;
}
