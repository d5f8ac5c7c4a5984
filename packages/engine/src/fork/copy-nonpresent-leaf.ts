// Fork and entries that are not present: swap, migration, device and marker entries.
// Mirrors mm/memory.c copy_nonpresent_pte.
import {
  FRAME_ANON_EXCLUSIVE,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_EXCLUSIVE,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_SWAP,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  leafKind,
  MARKER_UFFD_WP,
  VM_UFFD_WP,
} from "@faultline/core";
import { restoreExclusivePte } from "../fault/restore-exclusive.ts";
import { folioDupRmapPte } from "../rmap/add-remove.ts";
import { copyPresentPage } from "./copy-pinned-page.ts";
import type { ForkCopy } from "./fork-copy.ts";

const COPY_DONE = 0;
export const COPY_NO_MEMORY = 1;

/**
 * Copies one entry that is not present.
 * @returns 0, or COPY_NO_MEMORY.
 * @kernel mm/memory.c copy_nonpresent_pte (v7.2)
 */
export function copyNonpresentPte(copy: ForkCopy, page: number, bits: number, val: number): number {
  const { world, child, parent } = copy;
  const dst = child.vmMm.pageTable;
  const src = parent.vmMm.pageTable;
  const keep = (child.vmFlags & VM_UFFD_WP) !== 0 ? 0xff : 0xff & ~LEAF_UFFD_WP;
  switch (leafKind(bits)) {
    case LEAF_SWAP:
      world.swap?.addCount(val, 1);
      src.set(page, bits & ~LEAF_EXCLUSIVE, val);
      dst.set(page, bits & ~LEAF_EXCLUSIVE & keep, val);
      return COPY_DONE;
    case LEAF_MIGRATION: {
      const shared = parent.isCowMapping ? bits & ~(LEAF_WRITE | LEAF_EXCLUSIVE) : bits;
      src.set(page, shared, val);
      dst.set(page, shared & keep, val);
      return COPY_DONE;
    }
    case LEAF_DEVICE_PRIVATE: {
      const shared = parent.isCowMapping ? bits & ~LEAF_WRITE : bits;
      world.frames.clearFlags(val, FRAME_ANON_EXCLUSIVE);
      folioDupRmapPte(world, val, child.vmMm);
      src.set(page, shared, val);
      dst.set(page, shared & keep, val);
      return COPY_DONE;
    }
    case LEAF_DEVICE_EXCLUSIVE:
      return copyExclusive(copy, page, keep, val);
    case LEAF_MARKER:
      if (val !== MARKER_UFFD_WP || keep === 0xff) dst.set(page, bits, val);
      return COPY_DONE;
    default:
      return COPY_DONE;
  }
}

/** An entry that a device holds exclusively becomes an ordinary page first, then is shared. */
function copyExclusive(copy: ForkCopy, page: number, keep: number, pfn: number): number {
  const { world, child, parent } = copy;
  const { frames } = world;
  const src = parent.vmMm.pageTable;
  world.recorder?.note("exclusive-restored", parent.vmMm.mmId, page, 1);
  restoreExclusivePte(world, parent, page);
  if (frames.isAnonExclusive(pfn) && frames.pinCount(frames.head(pfn)) > 0) {
    return copyPresentPage(copy, page, pfn) ? COPY_DONE : COPY_NO_MEMORY;
  }
  frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  folioDupRmapPte(world, pfn, child.vmMm);
  const shared = src.bits(page) & ~LEAF_WRITE;
  src.set(page, shared, pfn);
  child.vmMm.pageTable.set(page, shared & keep, pfn);
  return COPY_DONE;
}
