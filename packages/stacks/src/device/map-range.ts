// From the answer of hmm_range_fault() to entries of the device's table: consecutive frames of one
// memory with the same right make a run, and each run gets one path.
import { EFAULT } from "@faultline/core";
import {
  HMM_PFN_VALID,
  HMM_PFN_WRITE,
  type HmmRange,
  type Path,
  type PathPolicy,
  selectPath,
} from "@faultline/engine";
import type { DeviceMirror } from "./device-mirror.ts";

/** How a driver maps a range. */
export interface MapOptions {
  readonly paths: PathPolicy;
  /** A driver's own choice for a run, asked before the paths. @defaultValue none */
  readonly choose?: (pfn: number) => Path | null;
  /** The device may write where the CPU's entry may. @defaultValue true */
  readonly mayWrite?: boolean;
  /** Whether a run along this path may carry atomic operations. @defaultValue never */
  readonly isAtomic?: (path: Path) => boolean;
  /** What a page without a path leads to. @defaultValue the page is left out */
  readonly onNoPath?: (page: number, pfn: number) => void;
}

/**
 * Maps every valid page of a range.
 * @returns 0, or -EFAULT when a page has a path but cannot be mapped for DMA.
 */
export function mapRange(mirror: DeviceMirror, range: HmmRange, options: MapOptions): number {
  const nrPages = range.end - range.start;
  for (let i = 0; i < nrPages; ) {
    if (((range.flags[i] as number) & HMM_PFN_VALID) === 0) {
      i++;
      continue;
    }
    const length = runLength(mirror, range, i, nrPages);
    const pfn = range.pfns[i] as number;
    const { system, device: requester } = mirror;
    const own = options.choose?.(pfn) ?? null;
    const path = own ?? selectPath({ system, requester, pfn, policy: options.paths });
    if (path === null) {
      mirror.note("path-migrate", range.start + i, length);
      for (let k = 0; k < length; k++) options.onNoPath?.(range.start + i + k, pfn + k);
    } else {
      const isWritable = ((range.flags[i] as number) & HMM_PFN_WRITE) !== 0;
      const writable = isWritable && options.mayWrite !== false;
      const atomic = options.isAtomic?.(path) ?? false;
      const rc = mirror.mapRun(range.start + i, length, path, { writable, atomic });
      if (rc !== 0) return -EFAULT;
    }
    i += length;
  }
  return 0;
}

/** Pages from word `i` on with consecutive frames, equal flags and one dev_pagemap. */
function runLength({ system }: DeviceMirror, range: HmmRange, i: number, end: number): number {
  const { frames } = system.world;
  const flags = range.flags[i] as number;
  const pfn = range.pfns[i] as number;
  const pgmap = frames.pgmapOf(pfn);
  let length = 1;
  while (
    i + length < end &&
    range.flags[i + length] === flags &&
    range.pfns[i + length] === pfn + length &&
    frames.pgmapOf(pfn + length) === pgmap
  ) {
    length++;
  }
  return length;
}
