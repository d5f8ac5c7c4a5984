// Moving runs of pages of one block together, as a VA block's service does: all are taken away from
// where they are, one wait covers all of their copies, then all are where they should be.
import { STAGE_UNMAP, VM_READ, type MmStruct, type VmAreaStruct } from "@faultline/core";
import {
  type DeviceSystem,
  mmapReadLock,
  mmapReadTrylock,
  mmapReadUnlock,
  type Verb,
} from "@faultline/engine";
import type { PageRange } from "../device/device-stack.ts";
import { type BegunMove, endMove } from "../device/migrate-range.ts";

/** Takes `[start, end)` of one VMA away. */
export type BeginPiece = (vma: VmAreaStruct, start: number, end: number) => BegunMove;

/** Told of a run that has been dealt with: how many of its pages have moved. */
export type RunMoved = (run: PageRange, nrMoved: number) => void;

/** A part of a run under way. */
interface Piece {
  readonly begun: BegunMove;
  /** Of which run, by number. */
  readonly of: number;
}

/**
 * Moves runs, each as far as it goes: up to a gap, an unreadable mapping or a piece that fails.
 * @returns pages that have moved.
 */
export function* moveRuns(
  system: DeviceSystem,
  mm: MmStruct,
  runs: readonly PageRange[],
  begin: BeginPiece,
  onMoved: RunMoved,
): Verb {
  const { world } = system;
  if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
  const stage = world.effort.enterStage(STAGE_UNMAP);
  const pieces: Piece[] = [];
  let hasCopies = false;
  for (let of = 0; of < runs.length; of++) {
    if (beginRun(mm, runs[of] as PageRange, of, begin, pieces)) hasCopies = true;
  }
  if (hasCopies) yield { reason: "copy", object: pieces };
  const movedOf = new Array<number>(runs.length).fill(0);
  let nrMoved = 0;
  for (const { begun, of } of pieces) {
    const nrHere = endMove(system, begun);
    movedOf[of] = (movedOf[of] as number) + nrHere;
    nrMoved += nrHere;
  }
  world.effort.enterStage(stage);
  mmapReadUnlock(mm);
  for (let of = 0; of < runs.length; of++) onMoved(runs[of] as PageRange, movedOf[of] as number);
  return nrMoved;
}

/** @returns whether anything of the run is copied. */
function beginRun(
  mm: MmStruct,
  { start, nrPages }: PageRange,
  of: number,
  begin: BeginPiece,
  pieces: Piece[],
): boolean {
  const last = start + nrPages;
  let isCopied = false;
  for (let page = start; page < last; ) {
    const vma = mm.vmaAt(page);
    if (vma === null || (vma.vmFlags & VM_READ) === 0) break;
    const end = Math.min(last, vma.vmEnd);
    const begun = begin(vma, page, end);
    pieces.push({ begun, of });
    if (begun.rc !== 0) break;
    isCopied = true;
    page = end;
  }
  return isCopied;
}
