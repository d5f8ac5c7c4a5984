// Changing the length of a file and punching holes into it. Mirrors shmem_setattr and
// shmem_fallocate of mm/shmem.c, simple_setattr of fs/libfs.c, and truncate_pagecache.
import { type AddressSpace, EINVAL, EOPNOTSUPP, type World } from "@faultline/core";
import { checkRange } from "../check-arguments.ts";
import type { Verb } from "../verb.ts";
import { cacheEnd, truncateInodePages } from "./truncate-cache.ts";
import { unmapMappingRange } from "./unmap-mapping.ts";

/** Behind every page of every file. */
const NO_END = 2 ** 45;

/**
 * Sets the length of a file, in pages. What lies beyond the new end is unmapped from every address
 * space, private copies included; growing the file again shows zeros.
 * @returns 0 or -EINVAL.
 * @kernelpart mm/truncate.c truncate_setsize (v7.2) sets the size and drops the pages, for every
 * kind of file
 */
export function* fileTruncate(world: World, file: AddressSpace, nrPages: number): Verb {
  checkRange(0, nrPages);
  if (nrPages < 0) return -EINVAL;
  const oldPages = file.nrPages;
  const oldEnd = cacheEnd(file);
  file.nrPages = nrPages;
  // Shared memory that does not shrink leaves its mappings alone; ramfs always unmaps the rest.
  const unmaps = file.isSwapBacked ? nrPages < oldPages : true;
  world.recorder?.note("file-truncate", 0, nrPages, Math.max(0, oldPages - nrPages));
  if (unmaps) yield* unmapMappingRange(world, file, nrPages, NO_END, true);
  truncateInodePages(world, file, nrPages, oldEnd);
  // Private copies that a racing fault made meanwhile must not outlive the truncated pages.
  if (unmaps) yield* unmapMappingRange(world, file, nrPages, NO_END, true);
  return 0;
}

/**
 * Frees the pages of `[start, start + nrPages)` and keeps the length (FALLOC_FL_PUNCH_HOLE).
 * Private copies stay where they are.
 * @returns 0; -EINVAL for an empty range; -EOPNOTSUPP for files that cannot have holes punched.
 * @kernelpart mm/shmem.c shmem_fallocate (v7.2) FALLOC_FL_PUNCH_HOLE, for ramfs as well
 */
export function* filePunchHole(
  world: World,
  file: AddressSpace,
  start: number,
  nrPages: number,
): Verb {
  checkRange(start, nrPages);
  if (start < 0 || nrPages <= 0) return -EINVAL;
  if (!file.isSwapBacked && file.kind !== "hugetlb") return -EOPNOTSUPP;
  const end = start + nrPages;
  world.recorder?.note("file-punch-hole", 0, start, nrPages);
  yield* unmapMappingRange(world, file, start, end, false);
  truncateInodePages(world, file, start, Math.min(end, cacheEnd(file)));
  return 0;
}
