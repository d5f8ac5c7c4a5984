// What a page fault is told and what it answers. Mirrors include/linux/mm_types.h; the values are
// the kernel's where the kernel has the flag.
import type { WaitReason, World } from "@faultline/core";

/** The access is a write. */
export const FAULT_FLAG_WRITE = 1;
/** Break sharing, so that a read-only pin sees the page for good; the entry stays read-only. */
export const FAULT_FLAG_UNSHARE = 2;
/** Somebody other than the current task's own code touches the mm. */
export const FAULT_FLAG_REMOTE = 4;
/** The access comes from user space. */
export const FAULT_FLAG_USER = 8;

/** There is no memory. */
export const VM_FAULT_OOM = 1;
/** The page cannot be had: beyond the end of a file, or lost. */
export const VM_FAULT_SIGBUS = 2;
/** The page is poisoned. */
export const VM_FAULT_HWPOISON = 16;
/** The access is not allowed. */
export const VM_FAULT_SIGSEGV = 64;
/** The fault handler already installed the entry. */
export const VM_FAULT_NOPAGE = 256;
/** The fault has to be taken again at once. */
export const VM_FAULT_RETRY = 1024;
/** The huge path gives up; the fault continues with single pages. */
export const VM_FAULT_FALLBACK = 2048;
/** Ours: the fault cannot go on yet and `world.pendingWait` says why. Nothing has to be undone. */
export const VM_FAULT_WAIT = 65536;

/** Every answer that ends an access with an error. */
export const VM_FAULT_ERROR: number =
  VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_HWPOISON | VM_FAULT_SIGSEGV;

/**
 * Leaves word that faults on a page change nothing: there is no memory, or a driver keeps the page
 * for as long as it has said.
 */
export function noteFruitless(world: World, reason: "allocation" | "refault", page: number): void {
  const untilPs = world.keptUntilPs;
  world.keptUntilPs = 0;
  world.pendingWait = { reason, object: page, ...(untilPs > 0 ? { untilPs } : {}) };
}

/** Leaves word of what the fault waits for and answers that it must be tried again later. */
export function faultWait(world: World, reason: WaitReason, object: unknown): number {
  world.pendingWait = { reason, object };
  return VM_FAULT_WAIT;
}
