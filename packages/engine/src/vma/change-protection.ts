// Walking the page tables of a range whose protection changed. Mirrors mm/mprotect.c
// change_protection. NUMA hinting has its own choice of pages and is left to the NUMA scanner.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  LEAF_DEVICE_PRIVATE,
  LEAF_MARKER,
  LEAF_NONE,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  MARKER_UFFD_WP,
  MMU_NOTIFY_PROTECTION_VMA,
  type PageTable,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { isPmdLeaf, splitHugePmd } from "../thp/split-pmd.ts";
import type { Verb } from "../verb.ts";
import { type ProtectionChange, protectedBits } from "./protection-change.ts";

/**
 * Applies the VMA's flags and the change to every entry of `[start, end)`. The event of each
 * top-level span reaches from the first page whose PMD table exists to the end of the range.
 * @kernel mm/mprotect.c change_protection (v7.2)
 */
export function* changeProtection(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  change: ProtectionChange,
): Verb<void> {
  const table = vma.vmMm.pageTable;
  const spanPages = table.pmdTableSpan() * table.blockPages;
  let nrChanged = 0;
  for (let from = start; from < end; ) {
    const to = Math.min(end, (Math.floor(from / spanPages) + 1) * spanPages);
    if (change.uffdWp === "set" && change.useMarkers) table.ensurePmdTable(from);
    const first = firstPopulated(table, from, to);
    if (first < to) {
      const { vmMm } = vma;
      const event = MMU_NOTIFY_PROTECTION_VMA;
      const range = mmuNotifierInvalidateRangeStart(world, vmMm, event, first, to);
      yield* settle(range);
      nrChanged += changeRange(world, vma, first, to, change);
      mmuNotifierInvalidateRangeEnd(range);
    }
    from = to;
  }
  if (nrChanged === 0) return;
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, vma.vmMm.cpumask);
}

/** The first page of `[from, to)` under an existing PMD table; `to` when there is none. */
function firstPopulated(table: PageTable, from: number, to: number): number {
  const span = table.pmdTableSpan();
  let page = from;
  while (page < to && !table.hasPmdTable(page)) page = (Math.floor(page / span) + 1) * span;
  return Math.min(page, to);
}

/** @kernel mm/mprotect.c change_pmd_range (v7.2) */
function changeRange(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  change: ProtectionChange,
): number {
  const table = vma.vmMm.pageTable;
  const needsTables = change.uffdWp === "set" && change.useMarkers;
  let nrChanged = 0;
  let page = start;
  while (page < end) {
    if (!needsTables && !table.hasPmdTable(page)) {
      page = firstPopulated(table, page, end);
      continue;
    }
    const stop = Math.min(end, table.blockStart(page) + table.blockPages);
    const isWhole = stop - page === table.blockPages;
    // A file's protection markers only exist in tables.
    const isSplit = !isWhole || (needsTables && !vma.isAnonymous);
    if (isPmdLeaf(table.slotBits(page)) && isSplit) splitHugePmd(world, vma, page, true);
    const slot = table.slotBits(page);
    if (isPmdLeaf(slot)) nrChanged += changeSlot(world, vma, page, change);
    else if (needsTables) table.ensureLeafTable(page);
    if (leafKind(table.slotBits(page)) === LEAF_TABLE) {
      nrChanged += changeTable(world, vma, page, stop, change);
    }
    page = stop;
  }
  return nrChanged;
}

/** @kernel mm/huge_memory.c change_huge_pmd (v7.2) */
function changeSlot(
  world: World,
  vma: VmAreaStruct,
  page: number,
  change: ProtectionChange,
): number {
  const table = vma.vmMm.pageTable;
  const old = table.slotBits(page);
  const head = table.slotVal(page);
  const bits = protectedBits(world, vma, old, head, change);
  if (bits === old) return 0;
  table.setSlot(page, bits, head);
  noteDowngrade(world, vma, page, table.blockPages, old);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
  return table.blockPages;
}

/** @kernel mm/mprotect.c change_pte_range (v7.2) */
function changeTable(
  world: World,
  vma: VmAreaStruct,
  from: number,
  to: number,
  change: ProtectionChange,
): number {
  const { tables } = world;
  const table = vma.vmMm.pageTable;
  const id = table.leafTable(from);
  const chunk = tables.ownChunkOf(id);
  const base = tables.baseOf(id) + table.indexInBlock(from);
  let nrChanged = 0;
  for (let i = 0; i < to - from; i++) {
    const old = chunk.bits[base + i] as number;
    const bits = protectedBits(world, vma, old, chunk.val[base + i] as number, change);
    if (bits === old) continue;
    chunk.bits[base + i] = bits;
    if (bits === LEAF_NONE) chunk.val[base + i] = 0;
    else if (old === LEAF_NONE && bits === LEAF_MARKER) chunk.val[base + i] = MARKER_UFFD_WP;
    noteDowngrade(world, vma, from + i, 1, old);
    nrChanged++;
  }
  world.effort.add(EFFORT_PTE_WALK, to - from);
  if (nrChanged > 0) world.effort.add(EFFORT_PTE_SET, nrChanged);
  return nrChanged;
}

/** Nothing gives a device page its write access back while it stays on the device. */
function noteDowngrade(
  world: World,
  vma: VmAreaStruct,
  page: number,
  nrPages: number,
  old: number,
): void {
  if (world.recorder === null || leafKind(old) !== LEAF_DEVICE_PRIVATE) return;
  if ((old & LEAF_WRITE) === 0) return;
  world.recorder.note("mprotect-device-readonly", vma.vmMm.mmId, page, nrPages);
}
