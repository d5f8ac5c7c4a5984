// What a registration means for a VMA. Mirrors include/linux/userfaultfd_k.h; the questions that
// only faults ask are beside the fault handlers.
import {
  type AddressSpace,
  VM_HUGETLB,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";

/** The registration modes of a VMA. */
export const VM_UFFD_FLAGS: number = VM_UFFD_MISSING | VM_UFFD_WP;

/** @kernel include/linux/userfaultfd_k.h userfaultfd_wp (v7.2) */
export function userfaultfdWp(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & VM_UFFD_WP) !== 0;
}

/**
 * True when a monitor watches the mapping in any way.
 * @kernel include/linux/userfaultfd_k.h userfaultfd_armed (v7.2)
 */
export function userfaultfdArmed(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & (VM_UFFD_MISSING | VM_UFFD_WP)) !== 0;
}

/**
 * True when write-protecting the VMA leaves markers where nothing is mapped: always for files, for
 * anonymous memory only when the monitor asked for it.
 * @kernel include/linux/userfaultfd_k.h userfaultfd_wp_use_markers (v7.2)
 */
export function userfaultfdWpUseMarkers(vma: VmAreaStruct): boolean {
  if (!userfaultfdWp(vma)) return false;
  return !vma.isAnonymous || vma.uffdCtx?.featureWpUnpopulated === true;
}

function isShmem(file: AddressSpace | null): boolean {
  return file?.isSwapBacked === true;
}

/**
 * True when a VMA can be registered with the given modes. Files other than shared memory can only
 * be registered for write protection that the kernel resolves itself.
 * @kernel include/linux/userfaultfd_k.h vma_can_userfault (v7.2)
 */
export function vmaCanUserfault(vma: VmAreaStruct, modes: number, wpAsync: boolean): boolean {
  if (wpAsync && modes === VM_UFFD_WP) return true;
  return vma.isAnonymous || (vma.vmFlags & VM_HUGETLB) !== 0 || isShmem(vma.vmFile);
}

/** True when the range ends inside a huge page of a hugetlb VMA. */
export function cutsHugetlbPage(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
): boolean {
  if ((vma.vmFlags & VM_HUGETLB) === 0) return false;
  const { blockPages } = world;
  const cutsStart = start > vma.vmStart && start % blockPages !== 0;
  return cutsStart || (end < vma.vmEnd && end % blockPages !== 0);
}
