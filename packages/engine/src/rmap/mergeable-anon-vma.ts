// When a VMA gets its first anonymous page next to a VMA it could merge with, it takes that
// neighbour's anon_vma, so that a later mprotect can merge the two again. Mirrors mm/vma.c.
import {
  type AnonVma,
  mempolicyEqual,
  VM_ACCESS_FLAGS,
  VM_MAYBE_GUARD,
  type VmAreaStruct,
} from "@faultline/core";

const IGNORED = VM_ACCESS_FLAGS | VM_MAYBE_GUARD;

function couldBecomeOne(a: VmAreaStruct, b: VmAreaStruct): boolean {
  return (
    a.vmEnd === b.vmStart &&
    mempolicyEqual(a.vmPolicy, b.vmPolicy) &&
    a.vmFile === b.vmFile &&
    ((a.vmFlags ^ b.vmFlags) & ~IGNORED) === 0 &&
    b.vmPgoff === a.vmPgoff + a.nrPages
  );
}

/** A neighbour's anon_vma is only shared while that neighbour descends from a single one. */
function reusableFrom(old: VmAreaStruct, a: VmAreaStruct, b: VmAreaStruct): AnonVma | null {
  if (!couldBecomeOne(a, b)) return null;
  return old.anonVma !== null && old.anonVmaChain.length === 1 ? old.anonVma : null;
}

/**
 * An anon_vma that the VMA may share with an adjacent VMA, or null.
 * @kernel mm/vma.c find_mergeable_anon_vma (v7.2)
 */
export function findMergeableAnonVma(vma: VmAreaStruct): AnonVma | null {
  const { vmas } = vma.vmMm;
  const at = vmas.indexOf(vma);
  const next = vmas[at + 1];
  if (next !== undefined) {
    const found = reusableFrom(next, vma, next);
    if (found !== null) return found;
  }
  const previous = vmas[at - 1];
  return previous === undefined ? null : reusableFrom(previous, previous, vma);
}
