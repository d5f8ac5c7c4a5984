// Which further pages of a VA block follow those that move to a processor: the block as the
// prefetcher sees it, clipped to one mapping.
import type { VmAreaStruct } from "@faultline/core";
import { prefetchPages } from "./prefetch-region.ts";
import { UVM_ID_CPU, type UvmProcessor } from "./select-residency.ts";
import type { UvmKnobs } from "./uvm-knobs.ts";
import type { UvmVaBlock } from "./uvm-va-block.ts";

const BIG_PAGE_SHIFT = 16;
const NONE: ReadonlySet<number> = new Set();

/**
 * Pages besides those that faulted, ascending; none while fewer have faulted than the parameters
 * ask for.
 * @param faulted pages that are about to be on `destination`, all of them in `vma`.
 */
export function choosePrefetch(
  block: UvmVaBlock,
  vma: VmAreaStruct,
  faulted: readonly number[],
  destination: UvmProcessor,
  knobs: UvmKnobs,
): number[] {
  const isOff = knobs.uvm_perf_prefetch_enable === 0;
  const [one] = faulted;
  if (isOff || one === undefined || faulted.length < knobs.uvm_perf_prefetch_min_faults) return [];
  const { space, start, nrLeaves } = block;
  const { pageShift } = space.driver.system.world.geometry;
  const first = Math.max(start, vma.vmStart);
  const end = Math.min(start + nrLeaves, vma.vmEnd);
  const resident = block.residentLeaves(first, end);
  const { preferred } = space.policies.at(one);
  const elsewhere = preferred === destination ? "destination" : "elsewhere";
  const leaves = prefetchPages(
    {
      nrLeaves,
      bigPageLeaves: Math.max(1, 1 << (BIG_PAGE_SHIFT - pageShift)),
      faulted: new Set(faulted.map((page) => page - start)),
      residentOnDestination: resident.get(destination) ?? NONE,
      thrashing: block.thrashingLeaves(),
      cpuMapped: resident.get(UVM_ID_CPU) ?? NONE,
      isDestinationCpu: destination === UVM_ID_CPU,
      preferred: preferred === null ? "none" : elsewhere,
      isFirstTouch: resident.size === 0,
    },
    knobs.uvm_perf_prefetch_threshold,
  );
  return leaves
    .map((leaf) => start + leaf)
    .filter((page) => page >= first && page < end)
    .filter((page) => resident.get(destination)?.has(page - start) !== true)
    .filter((page) => {
      const own = space.policies.at(page).preferred;
      return own === null || own === destination;
    });
}
