// Finding every VMA that may map a folio, in the kernel's order. Mirrors rmap_walk of mm/rmap.c.
// Page indices are kept modulo 2^32 in frames, so they are compared modulo 2^32.
import {
  type AnonVma,
  EFFORT_RMAP_VISIT,
  type KsmStableNode,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_TABLE,
  leafKind,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioNrPages } from "../folio/folio-count.ts";

/** Sees one VMA; `pageOfHead` is where the folio's first page would be. Returns false to stop. */
export type RmapVisit = (vma: VmAreaStruct, pageOfHead: number) => boolean;

/** Distance of a 32-bit page index from the VMA's first, in [-2^31, 2^31). */
function offsetInVma(vma: VmAreaStruct, index: number): number {
  return (index - (vma.vmPgoff >>> 0)) | 0;
}

/** Visits one VMA when the folio's index range touches it. */
function visitIfCovered(
  vma: VmAreaStruct,
  index: number,
  nrPages: number,
  visit: RmapVisit,
): boolean {
  const offset = offsetInVma(vma, index);
  if (offset + nrPages <= 0 || offset >= vma.nrPages) return true;
  return visit(vma, vma.vmStart + offset);
}

function walkAnonVma(
  world: World,
  anonVma: AnonVma,
  index: number,
  nrPages: number,
  visit: RmapVisit,
): void {
  const { chain } = anonVma;
  // Most pages have one mapping, and then nothing has to be kept while the chain changes.
  for (const avc of chain.length > 1 ? chain.slice() : chain) {
    world.effort.add(EFFORT_RMAP_VISIT, 1);
    if (!visitIfCovered(avc.vma, index, nrPages, visit)) return;
  }
}

/**
 * Visits the pages known to share a merged page: first each in its own mm, then, as long as
 * mappings are left, the same pages in mms that were forked since ksmd passed.
 * @kernel mm/ksm.c rmap_walk_ksm (v7.2)
 */
function walkKsm(world: World, node: KsmStableNode, visit: RmapVisit): void {
  const items = node.items.slice();
  for (const wantsForks of [false, true]) {
    for (const item of items) {
      let isDone = false;
      walkAnonVma(world, item.anonVma, item.index, 1, (vma, page) => {
        if ((vma.vmMm !== item.mm) !== wantsForks) return true;
        isDone = !visit(vma, page);
        return !isDone;
      });
      if (isDone) return;
    }
  }
}

/**
 * Visits every VMA linked to the folio's reverse mapping that covers any of its pages, ordered by
 * first page offset and then by creation. The visited VMA need not map the folio.
 * @kernel mm/rmap.c rmap_walk (v7.2)
 */
export function rmapWalk(world: World, head: number, visit: RmapVisit): void {
  const target = world.rmapTarget(world.frames.rmapOwner(head));
  if (target === null) return;
  const index = world.frames.rmapIndex(head);
  const nrPages = folioNrPages(world, head);
  if (target.kind === "anon_vma") {
    walkAnonVma(world, target, index, nrPages, visit);
  } else if (target.kind === "ksm") {
    walkKsm(world, target, visit);
  } else {
    for (const vma of target.iMmap.slice()) {
      world.effort.add(EFFORT_RMAP_VISIT, 1);
      if (!visitIfCovered(vma, index, nrPages, visit)) return;
    }
  }
}

/**
 * The VMA of a walk that would visit just one, as of most pages. It counts as visited. Null where
 * there may be several, or none.
 */
export function onlyVma(world: World, head: number): VmAreaStruct | null {
  const target = world.rmapTarget(world.frames.rmapOwner(head));
  if (target?.kind !== "anon_vma" || target.chain.length !== 1) return null;
  const { vma } = target.chain[0] as (typeof target.chain)[number];
  const offset = offsetInVma(vma, world.frames.rmapIndex(head));
  if (offset < 0 || offset + folioNrPages(world, head) > vma.nrPages) return null;
  world.effort.add(EFFORT_RMAP_VISIT, 1);
  return vma;
}

/** Where the first page of a folio would be in a VMA that covers it. */
export function pageOfHeadIn(world: World, head: number, vma: VmAreaStruct): number {
  return vma.vmStart + offsetInVma(vma, world.frames.rmapIndex(head));
}

/** One leaf that maps (or stands for) pages of a folio. */
export interface FolioMapping {
  /** Virtual page of the leaf: the block's first page for a PMD leaf. */
  readonly page: number;
  readonly isPmd: boolean;
  /** LEAF_* byte of the leaf. */
  readonly bits: number;
  /** The pfn it names: the folio's head for a PMD leaf. */
  readonly pfn: number;
}

/** Leaf kinds a walk may look for. */
export const MAPPING_KINDS: number =
  (1 << LEAF_PRESENT) | (1 << LEAF_DEVICE_PRIVATE) | (1 << LEAF_DEVICE_EXCLUSIVE);
/** Migration entries only. */
export const MIGRATION_KINDS: number = 1 << LEAF_MIGRATION;

/**
 * Calls back for each leaf in one VMA that names a page of the folio and whose kind is in `kinds`.
 * The callback may rewrite the leaf it was given.
 * @kernelpart mm/page_vma_mapped.c page_vma_mapped_walk (v7.2) calls back for each mapping instead
 * of keeping a cursor
 */
export function forEachMapping(
  vma: VmAreaStruct,
  head: number,
  nrPages: number,
  pageOfHead: number,
  kinds: number,
  callback: (mapping: FolioMapping) => void,
): void {
  const table = vma.vmMm.pageTable;
  const end = Math.min(vma.vmEnd, pageOfHead + nrPages);
  let page = Math.max(vma.vmStart, pageOfHead);
  while (page < end) {
    const slot = table.slotBits(page);
    const blockEnd = table.blockStart(page) + table.blockPages;
    const kind = leafKind(slot);
    if (kind === LEAF_NONE) {
      page = blockEnd;
      continue;
    }
    if (kind !== LEAF_TABLE) {
      const pfn = table.slotVal(page);
      if (((kinds >>> kind) & 1) === 1 && pfn === head) {
        callback({ page: table.blockStart(page), isPmd: true, bits: slot, pfn });
      }
      page = blockEnd;
      continue;
    }
    const bits = table.bits(page);
    if (((kinds >>> leafKind(bits)) & 1) === 1) {
      const pfn = table.val(page);
      if (pfn === head + (page - pageOfHead)) callback({ page, isPmd: false, bits, pfn });
    }
    page++;
  }
}
