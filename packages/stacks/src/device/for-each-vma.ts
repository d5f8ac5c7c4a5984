// Walking a range of an address space piece by piece: VMA by VMA, block by block, under mmap_lock.
import { EINVAL, type MmStruct, VM_READ, type VmAreaStruct, type World } from "@faultline/core";
import { mmapReadLock, mmapReadTrylock, mmapReadUnlock, type Verb } from "@faultline/engine";
import type { PageRange } from "./device-stack.ts";
import type { MoveOutcome } from "./migrate-range.ts";

/** Moves `[start, end)` of one VMA. */
export type MovePiece = (vma: VmAreaStruct, start: number, end: number) => Verb<MoveOutcome>;

/**
 * Moves every piece of a range.
 * @param maxPages pieces are aligned to this many pages. A power of two.
 * @returns what the first failing piece returned, -EINVAL at a gap or an unreadable mapping, or 0.
 */
export function* forEachVma(
  world: World,
  mm: MmStruct,
  { start, nrPages }: PageRange,
  maxPages: number,
  move: MovePiece,
): Verb<MoveOutcome> {
  const last = start + nrPages;
  let rc = 0;
  let nrMoved = 0;
  if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
  for (let page = start; page < last && rc === 0; ) {
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
  return { rc, nrMoved };
}
