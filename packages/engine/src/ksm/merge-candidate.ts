// What ksmd does with one page: leave it, join it with a merged page, pair it with a candidate, or
// make it a candidate itself. Mirrors mm/ksm.c cmp_and_merge_page with merge_across_nodes on.
import {
  EFFORT_PAGE_COMPARE,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type KsmStableNode,
  type MmStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { kernelThread } from "../collapse/kernel-thread.ts";
import { folioGet, folioPut } from "../folio/folio-alloc.ts";
import { splitFolio } from "../thp/split-folio.ts";
import { breakKsm } from "./break-ksm.ts";
import { type KsmScanItem, type KsmState, removeRmapItemFromTree } from "./ksm-state.ts";
import { mlockBatchAdd } from "./mlock-batch.ts";
import { BECOME_KSM, findMergeableVma, isMergeableFrame, tryToMergeOnePage } from "./merge-page.ts";
import {
  folioStableNode,
  stableTreeAppend,
  stableTreeInsert,
  stableTreeSearch,
} from "./stable-tree.ts";

/**
 * The frame that a page maps, when ksmd may merge it; a page under a PMD leaf counts too.
 * @returns the pfn, or 0.
 */
export function mergeablePfn(world: World, mm: MmStruct, page: number): number {
  const table = mm.pageTable;
  const slot = table.slotBits(page);
  let pfn: number;
  if (leafKind(slot) === LEAF_TABLE) {
    if (leafKind(table.bits(page)) !== LEAF_PRESENT) return 0;
    pfn = table.val(page);
  } else {
    if (leafKind(slot) !== LEAF_PRESENT || table.slotVal(page) === world.hugeZeroPfn) return 0;
    pfn = table.slotVal(page) + table.indexInBlock(page);
  }
  return isMergeableFrame(world, pfn) ? pfn : 0;
}

/**
 * Looks at one page of a pass.
 * @returns true when the look brought the page further: it was seen with new content, merged, or
 * cut out of a huge folio. A pass without any such page would be followed by passes just like it.
 * @kernel mm/ksm.c cmp_and_merge_page (v7.2)
 */
export function cmpAndMergePage(
  world: World,
  state: KsmState,
  vma: VmAreaStruct,
  item: KsmScanItem,
  pfn: number,
): boolean {
  const own = folioStableNode(world, pfn);
  if (own !== null) {
    if (item.stableNode === own) return false;
    // A page that fork shared is merged already and may exceed the limit on sharing.
    removeRmapItemFromTree(state, item);
    return joinMerged(world, vma, item, pfn, own);
  }
  removeRmapItemFromTree(state, item);
  if (!isCalm(world, item, pfn)) return true;
  if (mergeWithZeroPage(world, vma, item, pfn)) return true;
  const found = stableTreeSearch(world, state, world.frames.content(pfn));
  return found !== null
    ? joinMerged(world, vma, item, pfn, found)
    : pairWithCandidate(world, state, vma, item, pfn);
}

/** A page must look the same in two passes in a row: one that keeps changing is left alone. */
function isCalm(world: World, item: KsmScanItem, pfn: number): boolean {
  const checksum = world.frames.content(pfn);
  world.effort.add(EFFORT_PAGE_COMPARE, 1);
  if (item.checksum === checksum) return true;
  item.checksum = checksum;
  return false;
}

/** @kernel mm/ksm.c try_to_merge_with_zero_page (v7.2) */
function mergeWithZeroPage(
  world: World,
  vma: VmAreaStruct,
  item: KsmScanItem,
  pfn: number,
): boolean {
  if (!world.settings.ksmUseZeroPages || item.checksum !== 0) return false;
  if (tryToMergeOnePage(world, vma, item.page, pfn, world.zeroPfn) !== 0) return false;
  world.recorder?.note("ksm-zero-page", item.mm.mmId, item.page, 1);
  return true;
}

/** Merges an item's page into a page that is merged already. */
function joinMerged(
  world: World,
  vma: VmAreaStruct,
  item: KsmScanItem,
  pfn: number,
  node: KsmStableNode,
): boolean {
  if (!mergeItem(world, vma, item, pfn, node.pfn)) return false;
  stableTreeAppend(item, node);
  world.recorder?.note("ksm-join", item.mm.mmId, item.page, 1);
  return true;
}

/** @kernel mm/ksm.c try_to_merge_with_ksm_page (v7.2) */
function mergeItem(
  world: World,
  vma: VmAreaStruct,
  item: KsmScanItem,
  pfn: number,
  kpfn: number,
): boolean {
  if (tryToMergeOnePage(world, vma, item.page, pfn, kpfn) !== 0) return false;
  if (vma.anonVma !== null) item.anonVma = vma.anonVma;
  item.index = vma.indexOf(item.page) >>> 0;
  return true;
}

/**
 * Pairs the page with a candidate of the same content, or leaves it as a candidate.
 * @kernel mm/ksm.c unstable_tree_search_insert (v7.2)
 */
function pairWithCandidate(
  world: World,
  state: KsmState,
  vma: VmAreaStruct,
  item: KsmScanItem,
  pfn: number,
): boolean {
  const { unstable } = state;
  const other = unstable.get(item.checksum);
  if (other === undefined) {
    unstable.set(item.checksum, item);
    return false;
  }
  const otherVma = findMergeableVma(other.mm, other.page);
  const otherPfn = otherVma === null ? 0 : mergeablePfn(world, other.mm, other.page);
  // The other page is gone, or a fork made both of them the same page: nothing to pair.
  if (otherVma === null || otherPfn === 0 || otherPfn === pfn) return false;
  world.effort.add(EFFORT_PAGE_COMPARE, 1);
  const { frames } = world;
  if (frames.order(pfn) > 0 && frames.head(pfn) === frames.head(otherPfn)) {
    // Each page holds a reference to the folio they share, so neither may split it; the folio is
    // split when both have let go, and the merge has to wait for the next pass.
    return splitFolio(world, frames.head(pfn)) === 0;
  }
  const candidate = { vma: otherVma, item: other, pfn: otherPfn };
  return mergeTwoPages(world, state, { vma, item, pfn }, candidate);
}

/** @kernel mm/ksm.c break_cow (v7.2) */
function breakCow(world: World, { vma, item, pfn }: Side): void {
  folioGet(world, pfn);
  mlockBatchAdd(world, vma, pfn);
  breakKsm(world, kernelThread(world, item.mm), vma, item.page, item.page + 1);
  const own = mergeablePfn(world, item.mm, item.page);
  if (own !== 0) mlockBatchAdd(world, vma, own);
  folioPut(world, pfn);
}

/** One side of a pair. */
interface Side {
  readonly vma: VmAreaStruct;
  readonly item: KsmScanItem;
  readonly pfn: number;
}

/**
 * The page at hand becomes the merged page and the candidate joins it. When the candidate cannot,
 * the page is given a copy of its own again.
 * @kernel mm/ksm.c try_to_merge_two_pages (v7.2)
 */
function mergeTwoPages(world: World, state: KsmState, page: Side, candidate: Side): boolean {
  if (!mergeItem(world, page.vma, page.item, page.pfn, BECOME_KSM)) return false;
  if (!mergeItem(world, candidate.vma, candidate.item, candidate.pfn, page.pfn)) {
    breakCow(world, page);
    world.recorder?.note("ksm-pair-failed", page.item.mm.mmId, page.item.page, 1);
    return false;
  }
  removeRmapItemFromTree(state, candidate.item);
  const node = stableTreeInsert(world, state, page.pfn);
  stableTreeAppend(candidate.item, node);
  stableTreeAppend(page.item, node);
  world.recorder?.note("ksm-pair", page.item.mm.mmId, page.item.page, 1);
  return true;
}
