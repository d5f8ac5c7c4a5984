// Which further pages of a VA block follow a fault in NVIDIA UVM: a tree over the block's leaves,
// and the largest subtree around a faulting page that is busy enough (uvm_perf_prefetch.c).
// Leaves out the minimum of faults before prefetching starts.
import { ArgumentError } from "@faultline/core";

/** Leaves of 4 KiB in a big page of 64 KiB. */
const BIG_PAGE_LEAVES = 16;

/** Leaves of a VA block, `end` excluded. */
export interface BlockRegion {
  readonly first: number;
  readonly end: number;
}

/** One VA block when some of its pages are about to move; all sets are leaf numbers. */
export interface PrefetchBlock {
  /** Leaves of the block, a power of two; 512 in a whole block of 2 MiB. */
  readonly nrLeaves: number;
  /** Leaves of a big page of 64 KiB. @defaultValue 16, of 4 KiB each */
  readonly bigPageLeaves?: number;
  readonly faulted: ReadonlySet<number>;
  readonly residentOnDestination: ReadonlySet<number>;
  readonly thrashing: ReadonlySet<number>;
  /** Pages that CPUs map; they are left alone when the destination is the CPU. */
  readonly cpuMapped: ReadonlySet<number>;
  readonly isDestinationCpu: boolean;
  /** How the destination stands to the preferred location; `none` when no location is set. */
  readonly preferred: "none" | "destination" | "elsewhere";
  /** No page of the block is resident anywhere yet. */
  readonly isFirstTouch: boolean;
}

/**
 * Pages to move besides those that faulted, ascending.
 * @param thresholdPercent `uvm_perf_prefetch_threshold`; the module's default is 51.
 * @throws ArgumentError when the block's size is not a power of two.
 */
export function prefetchPages(block: PrefetchBlock, thresholdPercent: number): number[] {
  const { nrLeaves, faulted, thrashing, cpuMapped, isDestinationCpu } = block;
  if (block.preferred === "elsewhere") return [];
  const occupied = occupancy(block);
  const chosen = new Uint8Array(nrLeaves);
  if (block.preferred === "destination" && block.isFirstTouch) chosen.fill(1);
  for (const leaf of faulted) {
    const { first, end } = computePrefetchRegion(occupied, leaf, thresholdPercent);
    chosen.fill(1, first, end);
  }
  const pages: number[] = [];
  for (let leaf = 0; leaf < nrLeaves; leaf++) {
    const isLeftAlone = isDestinationCpu && cpuMapped.has(leaf);
    if (chosen[leaf] === 0 || faulted.has(leaf) || thrashing.has(leaf) || isLeftAlone) continue;
    pages.push(leaf);
  }
  return pages;
}

/**
 * The largest subtree around `leaf` of which more than the threshold is occupied. A subtree that
 * falls short does not end the search: a larger one may pass again.
 * @param occupied one byte per leaf, 0 for a free one; the length is a power of two.
 * @throws ArgumentError when the length is not a power of two.
 */
export function computePrefetchRegion(
  occupied: Uint8Array,
  leaf: number,
  thresholdPercent: number,
): BlockRegion {
  const nrLeaves = occupied.length;
  if (nrLeaves === 0 || (nrLeaves & (nrLeaves - 1)) !== 0) {
    throw new ArgumentError("occupied", "a power of two of leaves is needed");
  }
  let best = { first: leaf, end: leaf + 1 };
  for (let size = 1; size <= nrLeaves; size *= 2) {
    const first = leaf - (leaf % size);
    let count = 0;
    for (let i = first; i < first + size; i++) count += occupied[i] === 0 ? 0 : 1;
    if (count * 100 > size * thresholdPercent) best = { first, end: first + size };
  }
  return best;
}

/** Resident or faulted leaves; big pages with a fault count whole, unless that page thrashes. */
function occupancy(block: PrefetchBlock): Uint8Array {
  const { bigPageLeaves = BIG_PAGE_LEAVES } = block;
  const occupied = new Uint8Array(block.nrLeaves);
  for (const leaf of block.residentOnDestination) occupied[leaf] = 1;
  for (const leaf of block.faulted) {
    occupied[leaf] = 1;
    if (block.thrashing.has(leaf)) continue;
    const first = leaf - (leaf % bigPageLeaves);
    occupied.fill(1, first, first + bigPageLeaves);
  }
  return occupied;
}
