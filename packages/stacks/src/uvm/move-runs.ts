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

/** Parts of runs under way, in ascending order, and the number of the run that each is of. */
interface Pieces {
  readonly begun: BegunMove[];
  readonly runs: number[];
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
  if (runs.length === 0) return 0;
  if (!mmapReadTrylock(world, mm)) yield* mmapReadLock(world, mm);
  const stage = world.effort.enterStage(STAGE_UNMAP);
  const pieces: Pieces = { begun: [], runs: [] };
  for (let run = 0; run < runs.length; run++) {
    beginRun(mm, runs[run] as PageRange, run, begin, pieces);
  }
  if (pieces.begun.some(({ rc }) => rc === 0)) yield { reason: "copy", object: pieces };
  const movedOf = endPieces(system, pieces, runs.length);
  world.effort.enterStage(stage);
  mmapReadUnlock(mm);
  let nrMoved = 0;
  for (let run = 0; run < runs.length; run++) {
    const nrHere = movedOf[run] as number;
    nrMoved += nrHere;
    onMoved(runs[run] as PageRange, nrHere);
  }
  return nrMoved;
}

function beginRun(
  mm: MmStruct,
  { start, nrPages }: PageRange,
  run: number,
  begin: BeginPiece,
  pieces: Pieces,
): void {
  const last = start + nrPages;
  for (let page = start; page < last; ) {
    const vma = mm.vmaAt(page);
    if (vma === null || (vma.vmFlags & VM_READ) === 0) break;
    const end = Math.min(last, vma.vmEnd);
    const begun = begin(vma, page, end);
    pieces.begun.push(begun);
    pieces.runs.push(run);
    if (begun.rc !== 0) break;
    page = end;
  }
}

/** @returns pages that have moved, by run. */
function endPieces(system: DeviceSystem, { begun, runs }: Pieces, nrRuns: number): Uint32Array {
  const movedOf = new Uint32Array(nrRuns);
  for (let i = 0; i < begun.length; i++) {
    const run = runs[i] as number;
    movedOf[run] = (movedOf[run] as number) + endMove(system, begun[i] as BegunMove);
  }
  return movedOf;
}
