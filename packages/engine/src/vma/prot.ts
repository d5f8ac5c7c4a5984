// PROT_* of mmap and mprotect, and what they mean for the flags of a VMA.
// Mirrors include/uapi/asm-generic/mman-common.h and include/linux/mman.h. Protection keys are left
// out.
import { VM_EXEC, VM_HUGETLB, VM_READ, VM_SHARED, VM_WRITE } from "@faultline/core";

/** No access. */
export const PROT_NONE = 0;
/** Reading is allowed. */
export const PROT_READ = 1;
/** Writing is allowed; on x86 reading follows. */
export const PROT_WRITE = 2;
/** Executing is allowed. */
export const PROT_EXEC = 4;

/**
 * The access flags of a protection.
 * @kernel include/linux/mman.h calc_vm_prot_bits (v7.2)
 */
export function calcVmProtBits(prot: number): number {
  let flags = 0;
  if ((prot & PROT_READ) !== 0) flags |= VM_READ;
  if ((prot & PROT_WRITE) !== 0) flags |= VM_WRITE;
  if ((prot & PROT_EXEC) !== 0) flags |= VM_EXEC;
  return flags;
}

/**
 * Whether a mapping counts against the commit limit. Nothing is limited here, but the flag that
 * remembers it keeps VMAs from merging.
 * @kernel mm/vma.c accountable_mapping (v7.2)
 */
export function accountableMapping(vmFlags: number): boolean {
  return (vmFlags & (VM_SHARED | VM_WRITE | VM_HUGETLB)) === VM_WRITE;
}
