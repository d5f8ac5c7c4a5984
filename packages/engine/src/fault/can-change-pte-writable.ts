// Whether a read-only present entry may become writable without a fault. Mirrors mm/mprotect.c.
import {
  FRAME_ANON,
  LEAF_DIRTY,
  LEAF_PROTNONE,
  VM_HUGETLB,
  VM_SHARED,
  VM_UFFD_WP,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { userfaultfdPteWp } from "./handle-userfault.ts";

/**
 * True for shared writable memory whose file system wants to hear of the first write to each page.
 * @kernel mm/vma.c vma_needs_dirty_tracking (v7.2)
 */
export function vmaNeedsDirtyTracking(vma: VmAreaStruct): boolean {
  return vma.has(VM_SHARED | VM_WRITE) && vma.vmFile?.kind === "ramfs";
}

/**
 * True for shared memory where somebody must hear of the first write to each page: its file system,
 * or a userfaultfd monitor.
 * @kernel mm/vma.c vma_wants_writenotify (v7.2)
 */
export function vmaWantsWritenotify(vma: VmAreaStruct): boolean {
  if ((vma.vmFlags & VM_SHARED) === 0) return false;
  return (vma.vmFlags & VM_UFFD_WP) !== 0 || vma.vmFile?.kind === "ramfs";
}

/**
 * True when the entry may simply get its write bit: an anonymous page of this mm alone, or a shared
 * page that needs no notice. `bits` is the entry as it would be without a NUMA hint.
 * @kernel mm/mprotect.c can_change_pte_writable (v7.2)
 */
export function canChangePteWritable(
  world: World,
  vma: VmAreaStruct,
  bits: number,
  pfn: number,
): boolean {
  // hugetlb leaves its pages read-only until they are written.
  if ((vma.vmFlags & (VM_WRITE | VM_HUGETLB)) !== VM_WRITE) return false;
  if ((bits & LEAF_PROTNONE) !== 0 || userfaultfdPteWp(vma, bits)) return false;
  if ((vma.vmFlags & VM_SHARED) !== 0) {
    // The kernel only looks at shared entries where the file system wants to hear of writes.
    if (vma.vmFile?.kind === "ramfs") return (bits & LEAF_DIRTY) !== 0;
    return (vma.vmFlags & VM_UFFD_WP) === 0;
  }
  // AnonExclusive is per page; that the folio is anonymous, only its head says.
  const { frames } = world;
  return frames.isAnonExclusive(pfn) && (frames.flags(frames.head(pfn)) & FRAME_ANON) !== 0;
}
