// HMM_DMIRROR_SNAPSHOT: one byte per page that tells how the device would see it.
// Mirrors dmirror_snapshot and dmirror_mkentry of lib/test_hmm.c. It never changes page tables.
import {
  EINVAL,
  FRAME_CHUNK_SHIFT,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PRIVATE,
  type TaskStruct,
  type World,
} from "@faultline/core";
import {
  HMM_PFN_ERROR,
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
  type HmmRange,
  hmmPfnToMapOrder,
  hmmRangeFault,
} from "@faultline/engine";
import type { Dmirror } from "./dmirror.ts";

/** The page cannot be faulted in. */
export const HMM_DMIRROR_PROT_ERROR = 0xff;
/** Nothing is mapped. */
export const HMM_DMIRROR_PROT_NONE = 0x00;
/** The device may read. */
export const HMM_DMIRROR_PROT_READ = 0x01;
/** The device may read and write. */
export const HMM_DMIRROR_PROT_WRITE = 0x02;
/** Part of a leaf of PMD size; or-ed to the right. */
export const HMM_DMIRROR_PROT_PMD = 0x04;
/** Part of a leaf of PUD size; or-ed to the right. */
export const HMM_DMIRROR_PROT_PUD = 0x08;
/** The zero page; or-ed to the right. */
export const HMM_DMIRROR_PROT_ZERO = 0x10;
/** A page of this device's own private memory. */
export const HMM_DMIRROR_PROT_DEV_PRIVATE_LOCAL = 0x20;
/** A page of another device's private memory. */
export const HMM_DMIRROR_PROT_DEV_PRIVATE_REMOTE = 0x30;
/** A page of this device's own coherent memory. */
export const HMM_DMIRROR_PROT_DEV_COHERENT_LOCAL = 0x40;
/** A page of another device's coherent memory. */
export const HMM_DMIRROR_PROT_DEV_COHERENT_REMOTE = 0x50;

/**
 * Fills `out` with the bytes of `[start, start + nrPages)`.
 * @returns 0, or -EINVAL for an empty range or a dead address space.
 * @kernel lib/test_hmm.c dmirror_snapshot (v7.2)
 * @differs no temporary notifier: nothing can run while a snapshot is taken here.
 */
export function dmirrorSnapshot(
  world: World,
  task: TaskStruct,
  dmirror: Dmirror,
  start: number,
  nrPages: number,
  out: Uint8Array,
): number {
  if (nrPages <= 0 || !dmirror.mm.isAlive) return -EINVAL;
  const range = dmirror.snapshotRange;
  const batch = range.flags.length;
  for (let done = 0; done < nrPages; done += batch) {
    const from = start + done;
    range.moveTo(from, Math.min(from + batch, start + nrPages));
    const result = hmmRangeFault(world, task, range);
    if (result !== 0) return result;
    makeEntries(world, dmirror, range, out, done);
  }
  return 0;
}

/** @kernel lib/test_hmm.c dmirror_mkentry (v7.2) */
function makeEntries(
  world: World,
  dmirror: Dmirror,
  range: HmmRange,
  out: Uint8Array,
  at: number,
): void {
  const { flags, pfns } = range;
  for (let i = 0; i < range.end - range.start; i++) {
    const word = flags[i] as number;
    if ((word & HMM_PFN_ERROR) !== 0) out[at + i] = HMM_DMIRROR_PROT_ERROR;
    else if ((word & HMM_PFN_VALID) === 0) out[at + i] = HMM_DMIRROR_PROT_NONE;
    else out[at + i] = memoryByte(world, dmirror, pfns[i] as number) | accessByte(world, word);
  }
}

function memoryByte(world: World, dmirror: Dmirror, pfn: number): number {
  const pgmap = world.frames.chunks[pfn >>> FRAME_CHUNK_SHIFT]?.pgmap ?? null;
  if (pgmap === null) return pfn === world.zeroPfn ? HMM_DMIRROR_PROT_ZERO : 0;
  const isLocal = pgmap === dmirror.device.pgmap;
  if (pgmap.type === MEMORY_DEVICE_PRIVATE) {
    return isLocal ? HMM_DMIRROR_PROT_DEV_PRIVATE_LOCAL : HMM_DMIRROR_PROT_DEV_PRIVATE_REMOTE;
  }
  if (pgmap.type !== MEMORY_DEVICE_COHERENT) return 0;
  return isLocal ? HMM_DMIRROR_PROT_DEV_COHERENT_LOCAL : HMM_DMIRROR_PROT_DEV_COHERENT_REMOTE;
}

function accessByte(world: World, word: number): number {
  const access = (word & HMM_PFN_WRITE) !== 0 ? HMM_DMIRROR_PROT_WRITE : HMM_DMIRROR_PROT_READ;
  const order = hmmPfnToMapOrder(word);
  if (order === 0) return access;
  const isPmd = order === world.geometry.pmdOrder;
  return access | (isPmd ? HMM_DMIRROR_PROT_PMD : HMM_DMIRROR_PROT_PUD);
}
