// A fault that belongs to a userfaultfd monitor. Mirrors fs/userfaultfd.c: only what the faulting
// side sees; messages to the monitor are left out.
import {
  LEAF_UFFD_WP,
  VM_UFFD_MISSING,
  VM_UFFD_WP,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { faultWait, VM_FAULT_SIGBUS } from "./fault-flags.ts";

/** @kernel include/linux/userfaultfd_k.h userfaultfd_missing (v7.2) */
export function userfaultfdMissing(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & VM_UFFD_MISSING) !== 0;
}

/**
 * True for an entry that the monitor protected in a VMA still registered for it.
 * @kernel include/linux/userfaultfd_k.h userfaultfd_pte_wp (v7.2)
 */
export function userfaultfdPteWp(vma: VmAreaStruct, bits: number): boolean {
  return (vma.vmFlags & VM_UFFD_WP) !== 0 && (bits & LEAF_UFFD_WP) !== 0;
}

/** True when the kernel resolves write-protection faults of the VMA itself. */
export function userfaultfdWpAsync(vma: VmAreaStruct): boolean {
  return (vma.vmFlags & VM_UFFD_WP) !== 0 && vma.uffdCtx?.featureWpAsync === true;
}

/**
 * Hands a fault to the monitor: SIGBUS when the context asks for signals, else a wait that only
 * the monitor ends.
 * @kernel fs/userfaultfd.c handle_userfault (v7.2)
 */
export function handleUserfault(world: World, vma: VmAreaStruct, page: number): number {
  world.recorder?.note("userfault", vma.vmMm.mmId, page, 1);
  const ctx = vma.uffdCtx;
  if (ctx === null || ctx.released || ctx.featureSigbus) return VM_FAULT_SIGBUS;
  return faultWait(world, "userfault", ctx);
}
