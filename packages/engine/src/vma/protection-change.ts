// What one entry becomes when its VMA's protection or its userfaultfd write-protection changes.
// Mirrors the decisions of mm/mprotect.c change_pte_range and change_softleaf_pte; PMD leaves have
// the same rules.
import {
  FRAME_ANON,
  LEAF_DEVICE_PRIVATE,
  LEAF_EXCLUSIVE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  MARKER_UFFD_WP,
  VM_SHARED,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { canChangePteWritable, vmaWantsWritenotify } from "../fault/can-change-pte-writable.ts";

/** What changes beside the access rights, which follow the VMA's flags. */
export interface ProtectionChange {
  /** Set or clear userfaultfd write-protection (MM_CP_UFFD_WP, MM_CP_UFFD_WP_RESOLVE). */
  readonly uffdWp: "keep" | "set" | "clear";
  /** With `set`: also protect what is not mapped, by markers. */
  readonly useMarkers: boolean;
}

/** mprotect: only the access rights change. */
export const PROTECTION_OF_VMA: ProtectionChange = { uffdWp: "keep", useMarkers: false };

/** The write bit that every present entry of the VMA gets from its protection alone. */
function writeBitOf(vma: VmAreaStruct): number {
  const isSharedWritable = (vma.vmFlags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED);
  return isSharedWritable && !vmaWantsWritenotify(vma) ? LEAF_WRITE : 0;
}

function presentBits(
  world: World,
  vma: VmAreaStruct,
  bits: number,
  pfn: number,
  change: ProtectionChange,
): number {
  let changed = (bits & ~(LEAF_WRITE | LEAF_PROTNONE)) | writeBitOf(vma);
  if (change.uffdWp === "set") return (changed | LEAF_UFFD_WP) & ~LEAF_WRITE;
  if (change.uffdWp === "clear") changed &= ~LEAF_UFFD_WP;
  if ((changed & LEAF_UFFD_WP) !== 0) changed &= ~LEAF_WRITE;
  if ((changed & LEAF_WRITE) !== 0 || pfn === world.zeroPfn || pfn === world.hugeZeroPfn) {
    return changed;
  }
  return canChangePteWritable(world, vma, changed, pfn) ? changed | LEAF_WRITE : changed;
}

/** Device pages and pages in migration lose write access and get it back only by a fault. */
function nonpresentBits(world: World, bits: number, pfn: number, change: ProtectionChange): number {
  const kind = leafKind(bits);
  let changed = bits;
  if ((bits & LEAF_WRITE) !== 0 && kind === LEAF_DEVICE_PRIVATE) changed &= ~LEAF_WRITE;
  if ((bits & LEAF_WRITE) !== 0 && kind === LEAF_MIGRATION) {
    const isAnon = (world.frames.flags(world.frames.head(pfn)) & FRAME_ANON) !== 0;
    changed = (changed & ~LEAF_WRITE) | (isAnon ? LEAF_EXCLUSIVE : 0);
  }
  if (change.uffdWp === "set") changed |= LEAF_UFFD_WP;
  if (change.uffdWp === "clear") changed &= ~LEAF_UFFD_WP;
  return changed;
}

/**
 * The new byte of an entry. Its value stays, except that LEAF_NONE and LEAF_MARKER swap a
 * MARKER_UFFD_WP for nothing and back.
 */
export function protectedBits(
  world: World,
  vma: VmAreaStruct,
  bits: number,
  val: number,
  change: ProtectionChange,
): number {
  const kind = leafKind(bits);
  if (kind === LEAF_PRESENT) return presentBits(world, vma, bits, val, change);
  if (kind === LEAF_NONE) {
    return change.uffdWp === "set" && change.useMarkers ? LEAF_MARKER : LEAF_NONE;
  }
  if (kind === LEAF_MARKER) {
    return change.uffdWp === "clear" && val === MARKER_UFFD_WP ? LEAF_NONE : bits;
  }
  return nonpresentBits(world, bits, val, change);
}
