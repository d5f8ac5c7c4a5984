// The first phase of a batch: entries from the fault buffer, equal pages merged, the rest sorted by
// address and grouped by VA block and mapping.
import type { MmStruct } from "@faultline/core";
import type { DeviceFault, DeviceFaultKind } from "../device/device-stack.ts";
import type { BlockFaults } from "./service-block.ts";
import type { UvmStack } from "./uvm-stack.ts";
import type { UvmVaSpace } from "./uvm-va-space.ts";

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
  const taken: DeviceFault[] = [];
  let nrInvalidPrefetches = 0;
  for (let i = from; i < end; i++) {
    const fault = buffer[i] as DeviceFault;
    const { page, access } = fault;
    if (stack.onEvent !== null) {
      stack.emit({ type: "GpuFault", processor: stack.processor, page, nrPages: 1, access });
    }
    if (access === "prefetch") {
      if (mm.vmaAt(page) === null) nrInvalidPrefetches++;
      if (!stack.takesPrefetchFaults) continue;
    }
    taken.push(fault);
  }
  // The strongest access to a page comes first; it serves the others too.
  taken.sort((a, b) => a.page - b.page || STRENGTH[b.access] - STRENGTH[a.access]);
  const isMerged = stack.knobs.uvm_perf_fault_coalesce === 1;
  const { groups, nrDuplicates } = groupFaults(taken, isMerged, mm, stack);
  return { end, nrEntries: end - from, nrDuplicates, nrInvalidPrefetches, groups };
}

interface Group extends BlockFaults {
  readonly faults: DeviceFault[];
}

/**
 * @param faults sorted by page.
 * @param isMerged whether the first fault on a page stands for all of them.
 */
function groupFaults(
  faults: readonly DeviceFault[],
  isMerged: boolean,
  mm: MmStruct,
  { driver }: UvmStack,
): Pick<FetchedFaults, "groups" | "nrDuplicates"> {
  const groups: Group[] = [];
  const space = driver.space(mm);
  let nrDuplicates = 0;
  let before = -1;
  let last: Group | null = null;
  for (const fault of faults) {
    const { page } = fault;
    const isDuplicate = page === before;
    before = page;
    if (isDuplicate) nrDuplicates++;
    if (isDuplicate && isMerged) continue;
    last = groupOf(fault.page, last, space);
    if (last.faults.length === 0) groups.push(last);
    last.faults.push(fault);
  }
  return { groups, nrDuplicates };
}

/** The group that a page belongs to: the last one, or a new one. */
function groupOf(page: number, last: Group | null, space: UvmVaSpace): Group {
  const known = last?.vma ?? null;
  const vma = known !== null && page < known.vmEnd ? known : space.mm.vmaAt(page);
  const isSame = last !== null && page < last.block.end && last.vma === vma;
  return isSame ? last : { block: space.block(page), vma, faults: [] };
}
