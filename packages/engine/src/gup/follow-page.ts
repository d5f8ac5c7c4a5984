// Looking a page up without faulting. Mirrors follow_page_mask of mm/gup.c.
import {
  FRAME_ANON,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { FOLL_LONGTERM, FOLL_PIN, FOLL_SPLIT_PMD, FOLL_WRITE } from "./gup-flags.ts";

/** The page must be faulted in first. */
const FOLLOW_FAULT = 0;
/** The page is there, and sharing it must be broken first (-EMLINK). */
export const FOLLOW_UNSHARE = -1;

/**
 * The frame behind a page number, if it can be handed out as `flags` ask.
 * @returns a pfn, FOLLOW_FAULT or FOLLOW_UNSHARE.
 * @kernel mm/gup.c follow_page_mask (v7.2)
 */
export function followPageMask(
  world: World,
  vma: VmAreaStruct,
  page: number,
  flags: number,
): number {
  const { pageTable } = vma.vmMm;
  let slot = pageTable.slotBits(page);
  if ((flags & FOLL_SPLIT_PMD) !== 0 && leafKind(slot) === LEAF_PRESENT) {
    splitHugePmd(world, vma, page, true);
    // A file's leaf leaves nothing behind; a table keeps the next fault from mapping it again.
    pageTable.ensureLeafTable(page);
    slot = pageTable.slotBits(page);
  }
  if (leafKind(slot) === LEAF_NONE) return FOLLOW_FAULT;
  if (leafKind(slot) !== LEAF_TABLE) {
    const head = pageTable.slotVal(page);
    return followLeaf(world, vma, flags, slot, head, head + pageTable.indexInBlock(page));
  }
  const pfn = pageTable.val(page);
  return followLeaf(world, vma, flags, pageTable.bits(page), pfn, pfn);
}

function followLeaf(
  world: World,
  vma: VmAreaStruct,
  flags: number,
  bits: number,
  ownedPfn: number,
  pfn: number,
): number {
  if (leafKind(bits) !== LEAF_PRESENT) return FOLLOW_FAULT;
  if ((bits & LEAF_WRITE) !== 0) return pfn;
  if ((flags & FOLL_WRITE) !== 0) return FOLLOW_FAULT;
  return gupMustUnshare(world, vma, flags, ownedPfn) ? FOLLOW_UNSHARE : pfn;
}

/**
 * Whether a read-only pin has to get a page of its own first: otherwise the owner's next write
 * would leave the pin with a stale copy. `pfn` carries AnonExclusive: the head for a PMD leaf.
 * @kernel mm/internal.h gup_must_unshare (v7.2)
 */
function gupMustUnshare(world: World, vma: VmAreaStruct, flags: number, pfn: number): boolean {
  if ((flags & (FOLL_WRITE | FOLL_PIN)) !== FOLL_PIN) return false;
  const { frames } = world;
  if ((frames.flags(frames.head(pfn)) & FRAME_ANON) === 0) {
    return (flags & FOLL_LONGTERM) !== 0 && vma.isCowMapping;
  }
  return !frames.isAnonExclusive(pfn);
}
