// Sharing a parent's pages with its child, entry by entry. Mirrors mm/memory.c copy_page_range and
// mm/huge_memory.c copy_huge_pmd. The caller has announced the change to the parent's notifiers.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  FRAME_ANON_EXCLUSIVE,
  FRAME_ORDER_MASK,
  LEAF_KIND_MASK,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  LEAF_WRITE,
  LEAF_YOUNG,
  leafKind,
  VM_HUGETLB,
  VM_UFFD_WP,
} from "@faultline/core";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import { copyHugePmd } from "./copy-huge-leaf.ts";
import { copyNonpresentPte, COPY_NO_MEMORY } from "./copy-nonpresent-leaf.ts";
import { copyPresentPage } from "./copy-pinned-page.ts";
import type { ForkCopy } from "./fork-copy.ts";
import { GROUP, shareSmallPages, type TablePair } from "./share-small-pages.ts";
import { folioDupRmapPte } from "../rmap/add-remove.ts";

/**
 * Copies the entries of one VMA. Private pages become read-only and shared on both sides.
 * @returns false when memory ran out.
 */
export function copyPageRange(copy: ForkCopy): boolean {
  const { world, parent } = copy;
  const table = parent.vmMm.pageTable;
  const end = parent.vmEnd;
  let page = parent.vmStart;
  while (page < end) {
    if (!table.hasPmdTable(page)) {
      const span = table.pmdTableSpan();
      page = Math.min(end, (Math.floor(page / span) + 1) * span);
      continue;
    }
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    const isHugetlb = (parent.vmFlags & VM_HUGETLB) !== 0;
    if (isHugetlb) copy.child.vmMm.pageTable.ensurePmdTable(page);
    if (isPmdLeaf(table.slotBits(page)) && !copyHugePmd(copy, page)) {
      if (isHugetlb) return false;
      splitHugePmd(world, parent, page, true);
    }
    if (leafKind(table.slotBits(page)) === LEAF_TABLE && !copyTable(copy, page, stop)) return false;
    page = stop;
  }
  return true;
}

/** @kernel mm/memory.c copy_pte_range (v7.2) */
function copyTable(copy: ForkCopy, from: number, to: number): boolean {
  const { world, child, parent } = copy;
  const { tables } = world;
  const isCow = parent.isCowMapping;
  const srcTable = parent.vmMm.pageTable.leafTable(from);
  const dstTable = child.vmMm.pageTable.ensureLeafTable(from);
  const first = parent.vmMm.pageTable.indexInBlock(from);
  const keepUffd = (child.vmFlags & VM_UFFD_WP) !== 0 ? 0xff : 0xff & ~LEAF_UFFD_WP;
  // The child has not used the page yet, whatever its parent did.
  const cowMask = (isCow ? keepUffd & ~LEAF_WRITE : keepUffd) & ~LEAF_YOUNG;
  const pair: TablePair = {
    src: tables.ownChunkOf(srcTable),
    dst: tables.ownChunkOf(dstTable),
    srcBase: tables.baseOf(srcTable) + first,
    dstBase: tables.baseOf(dstTable) + first,
    nrPages: to - from,
    isCow,
    keepUffd,
    cowMask,
  };
  let nrSet = 0;
  for (let i = 0; i < pair.nrPages; ) {
    const shared = shareSmallPages(world, pair, i);
    nrSet += shared;
    i += shared;
    // What is not four plain pages in a row is looked at one by one.
    for (const stop = Math.min(i + GROUP, pair.nrPages); i < stop; i++) {
      if (pair.src.bits[pair.srcBase + i] === LEAF_NONE) continue;
      nrSet++;
      if (!copyEntry(copy, pair, from, i)) return false;
    }
  }
  world.effort.add(EFFORT_PTE_WALK, pair.nrPages);
  world.effort.add(EFFORT_PTE_SET, nrSet);
  return true;
}

/** Copies one entry; false when memory ran out. */
function copyEntry(copy: ForkCopy, pair: TablePair, from: number, i: number): boolean {
  const { src, dst, srcBase, dstBase } = pair;
  const bits = src.bits[srcBase + i] as number;
  const val = src.val[srcBase + i] as number;
  if ((bits & LEAF_KIND_MASK) !== LEAF_PRESENT) {
    return copyNonpresentPte(copy, from + i, bits, val) !== COPY_NO_MEMORY;
  }
  const isZeroPage = val === copy.world.zeroPfn;
  if (!isZeroPage && !sharePage(copy, val)) return copyPresentPage(copy, from + i, val);
  if (!isZeroPage && pair.isCow) src.bits[srcBase + i] = bits & ~LEAF_WRITE;
  dst.bits[dstBase + i] = bits & (isZeroPage ? pair.keepUffd : pair.cowMask);
  dst.val[dstBase + i] = val;
  return true;
}

/**
 * Adds the child's mapping of a present page and gives up AnonExclusive.
 * @returns false when the page may be pinned: the child needs a copy of its own.
 * @kernel mm/memory.c copy_present_ptes (v7.2)
 */
function sharePage(copy: ForkCopy, pfn: number): boolean {
  const { frames } = copy.world;
  const flags = frames.flags(pfn);
  const isSmall = (flags & FRAME_ORDER_MASK) === 0;
  const head = isSmall ? pfn : frames.head(pfn);
  const isExclusive = (flags & FRAME_ANON_EXCLUSIVE) !== 0;
  if (isExclusive && frames.pinCount(head) > 0) return false;
  if (isExclusive) frames.clearFlags(pfn, FRAME_ANON_EXCLUSIVE);
  if (isSmall) frames.addPageMapcount(pfn, 1);
  else folioDupRmapPte(copy.world, pfn, copy.child.vmMm);
  return true;
}
