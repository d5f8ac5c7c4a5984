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
import { reportedPfn } from "./private-page.ts";
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
  const { bits, val } = world.tables.chunkOf(table);
  const { flags, pfns, pfnFlagsMask, defaultFlags } = range;
  const nrPages = to - from;
  world.effort.add(EFFORT_PTE_WALK, nrPages);
  // Indices are small integers even where page numbers are not.
  let entry = world.tables.baseOf(table) + range.mm.pageTable.indexInBlock(from);
  const end = from - range.start + nrPages;
  for (let out = from - range.start; out < end; out++, entry++) {
    const byte = bits[entry] as number;
    const input = flags[out] as number;
    let offered = 0;
    let pfn = 0;
    if ((byte & PRESENT_MASK) === LEAF_PRESENT) {
      offered = (byte & LEAF_WRITE) === 0 ? READABLE : WRITABLE;
      pfn = val[entry] as number;
    } else if ((byte & LEAF_KIND_MASK) === LEAF_DEVICE_PRIVATE) {
      const reported = reportedPfn(world, range, val[entry] as number, range.start + out, input);
      if (reported > 0) {
        // The owner's own page is reported as it is: the request is not looked at.
        offered = (byte & LEAF_WRITE) === 0 ? READABLE : WRITABLE;
        flags[out] = (input & HMM_PFN_INOUT_FLAGS) | offered;
        pfns[out] = reported;
        continue;
      }
    }
    const request = (input & pfnFlagsMask) | defaultFlags;
    if (request !== 0) {
      const need = hmmPteNeedFault(request, offered);
      if (need !== 0) {
        return stopAt(world, range, range.start + out, to, byte, val[entry] as number, need);
      }
    }
    flags[out] = (input & HMM_PFN_INOUT_FLAGS) | offered;
    pfns[out] = pfn;
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
