// An address space that the OOM reaper has begun to empty gets no new private pages: what was in
// them is lost, and nobody may read zeroes in its place. Mirrors include/linux/oom.h.
import type { MmStruct } from "@faultline/core";
import { VM_FAULT_SIGBUS } from "./fault-flags.ts";

/**
 * Whether a fault may map a private page that was not there.
 * @returns 0, or VM_FAULT_SIGBUS.
 * @kernel include/linux/oom.h check_stable_address_space (v7.2)
 */
export function checkStableAddressSpace(mm: MmStruct): number {
  return mm.isUnstable ? VM_FAULT_SIGBUS : 0;
}
