// Walking a range of an address space piece by piece: VMA by VMA, block by block, under mmap_lock.
import { EINVAL, type MmStruct, VM_READ, type VmAreaStruct, type World } from "@faultline/core";
import { mmapReadLock, mmapReadTrylock, mmapReadUnlock, type Verb } from "@faultline/engine";
import type { PageRange } from "./device-stack.ts";
import type { MoveOutcome } from "./migrate-range.ts";

/** Moves `[start, end)` of one VMA. */
export type MovePiece = (vma: VmAreaStruct, start: number, end: number) => Verb<MoveOutcome>;

/** Told of a range that has been dealt with: how many of its pages have moved. */
export type RangeMoved = (range: PageRange, nrMoved: number) => void;

/**
 * Moves every piece of a range.
 * @param maxPages pieces are aligned to this many pages. A power of two.
 * @returns what the first failing piece returned, -EINVAL at a gap or an unreadable mapping, or 0.
 */
export function forEachVma(
  world: World,
  mm: MmStruct,
  range: PageRange,
  maxPages: number,
  move: MovePiece,
): Verb<MoveOutcome> {
  return forEachRange(world, mm, [range], maxPages, move, () => {});
}

/**
 * The same for several ranges, each under the lock by itself, and each as far as it goes.
 * @returns what the last range returned, and how many pages of all of them have moved.
 */
export function* forEachRange(
  world: World,
  mm: MmStruct,
  ranges: readonly PageRange[],
  maxPages: number,
  move: MovePiece,
  onMoved: RangeMoved,
): Verb<MoveOutcome> {
  let rc = 0;
  let nrMoved = 0;
  for (const range of ranges) {
    const last = range.start + range.nrPages;
    const nrBefore = nrMoved;
    rc = 0;
    if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
    for (let page = range.start; page < last && rc === 0; ) {
      const vma = mm.vmaAt(page);
      if (vma === null || (vma.vmFlags & VM_READ) === 0) {
        rc = -EINVAL;
        break;
      }
      const end = Math.min(last, vma.vmEnd, page - (page % maxPages) + maxPages);
      const moved = yield* move(vma, page, end);
      rc = moved.rc;
      nrMoved += moved.nrMoved;
      page = end;
    }
    mmapReadUnlock(mm);
    onMoved(range, nrMoved - nrBefore);
  }
  return { rc, nrMoved };
}
