// Removing mappings from a range of one VMA. The caller brackets it with notifier events.
// Mirrors mm/memory.c zap_pte_range and mm/huge_memory.c zap_huge_pmd.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  FRAME_ANON,
  FRAME_DIRTY,
  LEAF_DEVICE_EXCLUSIVE,
  LEAF_DEVICE_PRIVATE,
  LEAF_DIRTY,
  LEAF_KIND_MASK,
  LEAF_MARKER,
  LEAF_MIGRATION,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_SWAP,
  LEAF_TABLE,
  LEAF_UFFD_WP,
  leafKind,
  MARKER_GUARD,
  MARKER_UFFD_WP,
  type MmStruct,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { folioRemoveRmapPmd, folioRemoveRmapPte } from "../rmap/add-remove.ts";
import { munlockVmaFolio } from "../rmap/mlock-folio.ts";
import { freeFolioAndSwapCache } from "../swap/free-folio-and-swap-cache.ts";
import { freeSwapAndCache } from "../swap/swap-cache.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { PrivatePageSink } from "./private-page-sink.ts";

/** Which entries go. */
export interface ZapOptions {
  /** Also private copies (anonymous pages, swap, device entries) of a file mapping. */
  readonly evenCows: boolean;
  /** Also markers: guard regions and the write-protection of absent file pages. */
  readonly dropMarkers: boolean;
  /** Free a page table that the zap covered whole and left empty. */
  readonly reclaimTables: boolean;
}

/** munmap and exit: everything goes; tables are freed by freePageTables. */
export const ZAP_ALL: ZapOptions = { evenCows: true, dropMarkers: true, reclaimTables: false };

/** MADV_DONTNEED: pages go, guard markers stay, empty tables are freed at once. */
export const ZAP_DONTNEED: ZapOptions = {
  evenCows: true,
  dropMarkers: false,
  reclaimTables: true,
};

/**
 * Removes what `[start, end)` of the VMA maps. A PMD leaf that is covered in part is split first,
 * with its own CLEAR event.
 * @kernelpart mm/memory.c unmap_page_range (v7.2) the walk and what it is told to keep
 */
export function zapRange(
  world: World,
  vma: VmAreaStruct,
  start: number,
  end: number,
  options: ZapOptions,
): void {
  const mm = vma.vmMm;
  const table = mm.pageTable;
  let page = start;
  while (page < end) {
    if (!table.hasPmdTable(page)) {
      const span = table.pmdTableSpan();
      page = Math.min(end, (Math.floor(page / span) + 1) * span);
      continue;
    }
    const blockStart = table.blockStart(page);
    const stop = Math.min(end, blockStart + table.blockPages);
    const isWhole = page === blockStart && stop === blockStart + table.blockPages;
    const kind = leafKind(table.slotBits(page));
    if (kind !== LEAF_NONE && kind !== LEAF_TABLE) {
      if (isWhole) zapPmd(world, vma, page);
      else splitHugePmd(world, vma, page, true);
    }
    if (table.leafTable(page) !== 0) {
      zapTable(world, vma, page, stop, options);
      if (options.reclaimTables && isWhole) reclaimTable(world, mm, page);
    }
    page = stop;
  }
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
}

function reclaimTable(world: World, mm: MmStruct, page: number): void {
  if (!world.tables.isEmpty(mm.pageTable.leafTable(page))) return;
  mm.pageTable.freeLeafTable(page);
}

/** @kernel mm/huge_memory.c zap_huge_pmd (v7.2) */
function zapPmd(world: World, vma: VmAreaStruct, page: number): void {
  const mm = vma.vmMm;
  const table = mm.pageTable;
  const kind = leafKind(table.slotBits(page));
  const head = table.slotVal(page);
  table.setSlot(page, LEAF_NONE, 0);
  world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
  if (kind === LEAF_MIGRATION || head === world.hugeZeroPfn) return;
  folioRemoveRmapPmd(world, head, mm);
  munlockVmaFolio(world, vma, head);
  folioReleaseIfUnused(world, head);
}

/** @kernel mm/memory.c zap_pte_range (v7.2) */
function zapTable(
  world: World,
  vma: VmAreaStruct,
  from: number,
  to: number,
  options: ZapOptions,
): void {
  const { tables, zeroPfn, frames } = world;
  const mm = vma.vmMm;
  const id = mm.pageTable.leafTable(from);
  const chunk = tables.ownChunkOf(id);
  const base = tables.baseOf(id) + mm.pageTable.indexInBlock(from);
  const end = base + (to - from);
  const { bits, val } = chunk;
  const keepsCows = !options.evenCows;
  const sink = vma.isAnonymous ? new PrivatePageSink(world) : null;
  world.effort.add(EFFORT_PTE_WALK, to - from);
  let nrKept = 0;
  for (let i = base; i < end; i++) {
    const entry = bits[i] as number;
    if (entry === LEAF_NONE) {
      nrKept++;
      continue;
    }
    const pfn = val[i] as number;
    if ((entry & LEAF_KIND_MASK) !== LEAF_PRESENT) {
      const left = zapNonpresent(world, vma, entry, pfn, options);
      if (left === KEEP) {
        nrKept++;
        continue;
      }
      bits[i] = left === 0 ? LEAF_NONE : LEAF_MARKER;
      val[i] = left;
      continue;
    }
    if (pfn === zeroPfn) {
      const marker = markerLeftBehind(vma, entry, options);
      bits[i] = marker === 0 ? LEAF_NONE : LEAF_MARKER;
      val[i] = marker;
      continue;
    }
    if (sink?.take(pfn) === true) {
      bits[i] = LEAF_NONE;
      val[i] = 0;
      continue;
    }
    if (keepsCows && (frames.flags(frames.head(pfn)) & FRAME_ANON) !== 0) {
      nrKept++;
      continue;
    }
    const marker = markerLeftBehind(vma, entry, options);
    bits[i] = marker === 0 ? LEAF_NONE : LEAF_MARKER;
    val[i] = marker;
    zapPresent(world, vma, entry, pfn);
  }
  sink?.flush();
  if (nrKept < end - base) world.effort.add(EFFORT_PTE_SET, end - base - nrKept);
}

function zapPresent(world: World, vma: VmAreaStruct, entry: number, pfn: number): void {
  const { frames } = world;
  const head = frames.head(pfn);
  if ((entry & LEAF_DIRTY) !== 0 && (frames.flags(head) & FRAME_ANON) === 0) {
    frames.addFlags(head, FRAME_DIRTY);
  }
  folioRemoveRmapPte(world, pfn, vma.vmMm);
  munlockVmaFolio(world, vma, head);
  freeFolioAndSwapCache(world, head);
}

/** The write-protection of a shared file page outlives its mapping, as a marker. */
function markerLeftBehind(vma: VmAreaStruct, entry: number, options: ZapOptions): number {
  const isKept = (entry & LEAF_UFFD_WP) !== 0 && !vma.isAnonymous && !options.dropMarkers;
  return isKept ? MARKER_UFFD_WP : 0;
}

const KEEP = -1;

/**
 * Zaps one entry that is not present.
 * @returns KEEP when it stays, else the marker it leaves behind (0 for none).
 * @kernel mm/memory.c zap_nonpresent_ptes (v7.2)
 */
function zapNonpresent(
  world: World,
  vma: VmAreaStruct,
  entry: number,
  val: number,
  options: ZapOptions,
): number {
  const kind = leafKind(entry);
  if (kind === LEAF_MARKER) return zapMarker(vma, val, options);
  if (kind === LEAF_SWAP) {
    if (!options.evenCows) return KEEP;
    freeSwapAndCache(world, val);
    return 0;
  }
  const { frames } = world;
  const head = frames.head(val);
  const isAnon = (frames.flags(head) & FRAME_ANON) !== 0;
  if (isAnon && !options.evenCows) return KEEP;
  if (kind === LEAF_DEVICE_PRIVATE || kind === LEAF_DEVICE_EXCLUSIVE) {
    folioRemoveRmapPte(world, val, vma.vmMm);
    folioReleaseIfUnused(world, head);
  }
  return markerLeftBehind(vma, entry, options);
}

function zapMarker(vma: VmAreaStruct, marker: number, options: ZapOptions): number {
  if (marker === MARKER_GUARD) return options.dropMarkers ? 0 : KEEP;
  if (marker === MARKER_UFFD_WP) {
    return !vma.isAnonymous && !options.dropMarkers ? KEEP : 0;
  }
  return options.evenCows ? 0 : KEEP;
}
