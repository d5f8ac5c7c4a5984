// An entry that has become writable, and the translations that were made of it.
import { EFFORT_TLB_FLUSH, type VmAreaStruct, type World } from "@faultline/core";

/**
 * Flushes an entry of `order` that a write fault has made writable, where the architecture does;
 * devices that share the table are flushed with the CPUs.
 * @kernelpart arch/arm64/mm/fault.c __ptep_set_access_flags (v7.2) its flush
 */
export function flushUpgrade({ geometry, effort }: World, vma: VmAreaStruct, order: number): void {
  if (geometry.flushesUpgrades === true) effort.add(EFFORT_TLB_FLUSH, 1, order, vma.vmMm.cpumask);
}
