// Turning a PMD leaf into a table of PTEs; the folio stays whole. Mirrors mm/huge_memory.c.
import {
  EFFORT_PTE_SET,
  EFFORT_SPLIT,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_ANON_EXCLUSIVE,
  FRAME_CHUNK_SIZE,
  FRAME_DIRTY,
  LEAF_DIRTY,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  LEAF_YOUNG,
  leafKind,
  MMU_NOTIFY_CLEAR,
  THP_SPLIT_PMD,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { largeRecord } from "../folio/folio-count.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { folioRemoveRmapPmd } from "../rmap/add-remove.ts";
import { addLargeMappings } from "../rmap/large-mapcount.ts";
import { munlockVmaFolio } from "../rmap/mlock-folio.ts";

const FRAME_INDEX = FRAME_CHUNK_SIZE - 1;

/** True when the slot of the page holds a leaf, present or not. */
export function isPmdLeaf(slotBits: number): boolean {
  const kind = leafKind(slotBits);
  return kind !== LEAF_NONE && kind !== LEAF_TABLE;
}

/**
 * Splits the PMD leaf over a page into PTEs with the same rights; does nothing to a table or an
 * empty slot. With `notify` a CLEAR event is raised over the whole block, leaf or not.
 * @kernel mm/huge_memory.c __split_huge_pmd (v7.2)
 */
export function splitHugePmd(world: World, vma: VmAreaStruct, page: number, notify: boolean): void {
  const table = vma.vmMm.pageTable;
  const start = table.blockStart(page);
  const range = notify
    ? mmuNotifierInvalidateRangeStart(
        world,
        vma.vmMm,
        MMU_NOTIFY_CLEAR,
        start,
        start + table.blockPages,
      )
    : null;
  if (isPmdLeaf(table.slotBits(page))) splitLeaf(world, vma, start);
  mmuNotifierInvalidateRangeEnd(range);
}

/** Splits only when there is a leaf, so that no event is raised for a table. */
export function splitHugePmdIfNeeded(
  world: World,
  vma: VmAreaStruct,
  page: number,
  notify: boolean,
): void {
  if (isPmdLeaf(vma.vmMm.pageTable.slotBits(page))) splitHugePmd(world, vma, page, notify);
}

/** @kernel mm/huge_memory.c __split_huge_pmd_locked (v7.2) */
function splitLeaf(world: World, vma: VmAreaStruct, start: number): void {
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(start);
  const head = table.slotVal(start);
  world.effort.add(EFFORT_SPLIT, 1, world.geometry.pmdOrder);
  world.vmEvents.count(THP_SPLIT_PMD);
  if (leafKind(slot) === LEAF_PRESENT) {
    world.effort.add(EFFORT_TLB_FLUSH, 1, world.geometry.pmdOrder, vma.vmMm.cpumask);
  }
  if (head === world.hugeZeroPfn) {
    const bits = LEAF_PRESENT | (slot & (LEAF_UFFD_WP | LEAF_YOUNG));
    fillBlock(world, vma, start, bits, world.zeroPfn, 0);
    return;
  }
  const isAnon = (world.frames.flags(head) & FRAME_ANON) !== 0;
  if (!isAnon && leafKind(slot) === LEAF_PRESENT) {
    // A file can be mapped again by a fault, so its leaf is simply dropped.
    table.setSlot(start, LEAF_NONE, 0);
    folioRemoveRmapPmd(world, head, vma.vmMm);
    folioReleaseIfUnused(world, head);
    return;
  }
  world.recorder?.note("split-pmd", vma.vmMm.mmId, start, table.blockPages);
  if (leafKind(slot) === LEAF_PRESENT && (slot & LEAF_DIRTY) !== 0) {
    world.frames.addFlags(head, FRAME_DIRTY);
  }
  if (leafKind(slot) !== LEAF_MIGRATION) remapByPtes(world, vma, head);
  fillBlock(world, vma, start, pteBitsOf(slot), head, 1);
}

/** A hinting PMD splits into plain read-only entries; every other right is kept. */
function pteBitsOf(slot: number): number {
  return leafKind(slot) === LEAF_PRESENT ? slot & ~LEAF_PROTNONE : slot;
}

/** One PMD mapping becomes one PTE mapping of each page, and all pages take the head's AX bit. */
function remapByPtes(world: World, vma: VmAreaStruct, head: number): void {
  const { blockPages, frames, largeFolios } = world;
  const chunk = frames.ownChunkOf(head);
  const first = head & FRAME_INDEX;
  const isExclusive = ((chunk.flags[first] as number) & FRAME_ANON_EXCLUSIVE) !== 0;
  for (let i = 0; i < blockPages; i++) {
    frames.addPageMapcount(head + i, 1);
    if (isExclusive) {
      chunk.flags[first + i] = (chunk.flags[first + i] as number) | FRAME_ANON_EXCLUSIVE;
    }
  }
  addLargeMappings(largeFolios, largeRecord(world, head), vma.vmMm.mmId, blockPages);
  folioRemoveRmapPmd(world, head, vma.vmMm);
  munlockVmaFolio(world, vma, head);
}

/** Replaces the slot by a table whose entries are `bits` and `firstVal + i * step`. */
function fillBlock(
  world: World,
  vma: VmAreaStruct,
  start: number,
  bits: number,
  firstVal: number,
  step: number,
): void {
  const { tables, blockPages } = world;
  const table = vma.vmMm.pageTable;
  table.setSlot(start, LEAF_NONE, 0);
  const id = table.ensureLeafTable(start);
  const chunk = tables.ownChunkOf(id);
  const base = tables.baseOf(id);
  chunk.bits.fill(bits, base, base + blockPages);
  for (let i = 0; i < blockPages; i++) chunk.val[base + i] = firstVal + i * step;
  world.effort.add(EFFORT_PTE_SET, blockPages);
}
