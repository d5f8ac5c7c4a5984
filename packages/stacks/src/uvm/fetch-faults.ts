// The first phase of a batch: entries from the fault buffer, equal pages merged, the rest sorted by
// address and grouped by VA block and mapping.
import type { MmStruct } from "@faultline/core";
import type { DeviceFault, DeviceFaultKind } from "../device/device-stack.ts";
import type { BlockFaults } from "./service-block.ts";
import type { UvmStack } from "./uvm-stack.ts";

/** A batch that is ready to be served. */
export interface FetchedFaults {
  /** First entry that was not fetched. */
  readonly end: number;
  readonly nrEntries: number;
  /** Entries for a page that another entry of the batch names too. */
  readonly nrDuplicates: number;
  readonly nrInvalidPrefetches: number;
  /** Ascending. */
  readonly groups: readonly BlockFaults[];
  /** Entries of the buffer by their page. */
  readonly indexes: ReadonlyMap<number, readonly number[]>;
}

const STRENGTH: Readonly<Record<DeviceFaultKind, number>> = {
  prefetch: 0,
  read: 1,
  write: 2,
  atomic: 3,
};

/**
 * Fetches up to `uvm_perf_fault_batch_count` entries. With `uvm_perf_fault_coalesce` the strongest
 * access to a page stands for all of them. While prefetch faults are off, they are fetched and
 * forgotten.
 */
export function fetchFaults(
  buffer: readonly DeviceFault[],
  from: number,
  mm: MmStruct,
  stack: UvmStack,
): FetchedFaults {
  const end = Math.min(buffer.length, from + stack.knobs.uvm_perf_fault_batch_count);
  const indexes = new Map<number, number[]>();
  const taken: DeviceFault[] = [];
  let nrInvalidPrefetches = 0;
  let nrDuplicates = 0;
  for (let i = from; i < end; i++) {
    const { page, access } = buffer[i] as DeviceFault;
    stack.emit({ type: "GpuFault", processor: stack.processor, page, nrPages: 1, access });
    if (access === "prefetch") {
      if (mm.vmaAt(page) === null) nrInvalidPrefetches++;
      if (!stack.takesPrefetchFaults) continue;
    }
    const others = indexes.get(page);
    if (others === undefined) indexes.set(page, [i]);
    else others.push(i);
    if (others !== undefined) nrDuplicates++;
    taken.push({ page, access });
  }
  // The strongest access to a page comes first; it serves the others too.
  taken.sort((a, b) => a.page - b.page || STRENGTH[b.access] - STRENGTH[a.access]);
  const isMerged = stack.knobs.uvm_perf_fault_coalesce === 1;
  const faults = taken.filter(({ page }, i) => !isMerged || taken[i - 1]?.page !== page);
  const groups = groupFaults(faults, mm, stack);
  return { end, nrEntries: end - from, nrDuplicates, nrInvalidPrefetches, groups, indexes };
}

/** @param faults sorted by page. */
function groupFaults(
  faults: readonly DeviceFault[],
  mm: MmStruct,
  { driver }: UvmStack,
): BlockFaults[] {
  const groups: (BlockFaults & { readonly faults: DeviceFault[] })[] = [];
  const space = driver.space(mm);
  for (const fault of faults) {
    const block = space.block(fault.page);
    const vma = mm.vmaAt(fault.page);
    const last = groups.at(-1);
    if (last !== undefined && last.block === block && last.vma === vma) last.faults.push(fault);
    else groups.push({ block, vma, faults: [fault] });
  }
  return groups;
}
