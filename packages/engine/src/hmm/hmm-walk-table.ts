// hmm_range_fault() on one PTE table: the loop that every mirrored page passes through.
// Mirrors mm/hmm.c hmm_vma_handle_pte. Special PTEs other than the zero page are left out.
import {
  EFAULT,
  EFFORT_PTE_WALK,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_KIND_MASK,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_SWAP,
  LEAF_WRITE,
  MARKER_UFFD_WP,
  type World,
} from "@faultline/core";
import { HMM_PFN_INOUT_FLAGS, HMM_PFN_VALID, HMM_PFN_WRITE } from "./hmm-pfn.ts";
import type { HmmRange } from "./hmm-range.ts";
import { HMM_NEED_WRITE_FAULT, hmmPteNeedFault } from "./hmm-requirement.ts";
import { HMM_WALK_FAULT, HMM_WALK_OK, HMM_WALK_WAIT } from "./hmm-walk-result.ts";

const READABLE: number = HMM_PFN_VALID | 0;
const WRITABLE: number = HMM_PFN_VALID | HMM_PFN_WRITE;
const PRESENT_MASK: number = LEAF_KIND_MASK | LEAF_PROTNONE;

/**
 * Reports the entries of one table for `[from, to)`.
 * @returns HMM_WALK_OK, HMM_WALK_WAIT or HMM_WALK_FAULT with the place in the range, or -EFAULT.
 */
export function hmmWalkTable(
  world: World,
  range: HmmRange,
  table: number,
  from: number,
  to: number,
): number {
  const chunk = world.tables.chunkOf(table);
  const entry = world.tables.baseOf(table) + range.mm.pageTable.indexInBlock(from) - from;
  const out = -range.start;
  const { flags, pfns, pfnFlagsMask, defaultFlags } = range;
  const { bits, val } = chunk;
  world.effort.add(EFFORT_PTE_WALK, to - from);
  for (let page = from; page < to; page++) {
    const byte = bits[entry + page] as number;
    const input = flags[out + page] as number;
    const request = (input & pfnFlagsMask) | defaultFlags;
    let offered = 0;
    let pfn = 0;
    if ((byte & PRESENT_MASK) === LEAF_PRESENT) {
      offered = (byte & LEAF_WRITE) === 0 ? READABLE : WRITABLE;
      pfn = val[entry + page] as number;
    } else if ((byte & LEAF_KIND_MASK) === LEAF_DEVICE_PRIVATE) {
      pfn = val[entry + page] as number;
      if (world.frames.pgmapOf(pfn)?.owner === range.devPrivateOwner) {
        // The owner's own page is reported as it is: the request is not looked at.
        flags[out + page] =
          (input & HMM_PFN_INOUT_FLAGS) | ((byte & LEAF_WRITE) === 0 ? READABLE : WRITABLE);
        pfns[out + page] = pfn;
        continue;
      }
      pfn = 0;
    }
    // Most requests are met by what is there; only the others look closer.
    if (request !== 0) {
      const need = hmmPteNeedFault(request, offered);
      if (need !== 0)
        return stopAt(world, range, page, to, byte, val[entry + page] as number, need);
    }
    flags[out + page] = (input & HMM_PFN_INOUT_FLAGS) | offered;
    pfns[out + page] = pfn;
  }
  return HMM_WALK_OK;
}

/** Decides what an entry that does not meet its request leads to. */
function stopAt(
  world: World,
  range: HmmRange,
  page: number,
  to: number,
  byte: number,
  value: number,
  need: number,
): number {
  range.position = page;
  switch (byte & LEAF_KIND_MASK) {
    case LEAF_MIGRATION:
      world.pendingWait = { reason: "migration-entry", object: value };
      return HMM_WALK_WAIT;
    case LEAF_MARKER:
      if (value !== MARKER_UFFD_WP) return -EFAULT;
      break;
    case LEAF_NONE:
    case LEAF_PRESENT:
    case LEAF_SWAP:
    case LEAF_DEVICE_PRIVATE:
    case LEAF_DEVICE_EXCLUSIVE:
      break;
    default:
      return -EFAULT;
  }
  range.faultPage = page;
  range.faultEnd = to;
  range.isWriteFault = (need & HMM_NEED_WRITE_FAULT) !== 0;
  return HMM_WALK_FAULT;
}
