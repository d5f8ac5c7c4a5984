// A hint fault: the NUMA scanner made an entry inaccessible to learn who uses the page. The folio
// moves to the faulting CPU's node when it should, else its entries are restored.
// Mirrors do_numa_page (mm/memory.c) and its PMD twin (mm/huge_memory.c); statistics are left out.
import {
  EFFORT_PTE_SET,
  LEAF_KIND_MASK,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_WRITE,
  LEAF_YOUNG,
  NUMA_HINT_FAULTS,
  NUMA_HINT_FAULTS_LOCAL,
  type TaskStruct,
  VM_WRITE,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioNrPages } from "../folio/folio-count.ts";
import { migrateMisplacedFolio } from "../numa/migrate-misplaced-folio.ts";
import { mpolMisplaced } from "../numa/should-numa-migrate.ts";
import { canChangePteWritable } from "./can-change-pte-writable.ts";
import { placeOf } from "../folio/place.ts";
import { setPmdLeaf } from "./set-leaf.ts";

/** No node: the folio stays where it is (`NUMA_NO_NODE`). */
const NUMA_NO_NODE = -1;

/**
 * Resolves a hint fault on one PTE. A large folio moves, or is restored, as a whole.
 * @kernel mm/memory.c do_numa_page (v7.2)
 */
export function doNumaPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  bits: number,
): number {
  const { pageTable, mmId } = vma.vmMm;
  const pfn = pageTable.val(page);
  const head = world.frames.head(pfn);
  const isManaged = pfn !== world.zeroPfn && world.frames.pgmapOf(pfn) === null;
  if (isManaged) countHintFault(world, task, head);
  if (isManaged && tryToMove(world, task, vma, head)) {
    world.recorder?.note("numa-moved", mmId, page, 1);
    return 0;
  }
  world.recorder?.note("numa-restored", mmId, page, 1);
  const nrPages = isManaged ? folioNrPages(world, head) : 1;
  if (nrPages > 1) rebuildLargeMapping(world, vma, page - (pfn - head), head, nrPages);
  else restorePte(world, vma, page, bits, pfn);
  return 0;
}

/**
 * Resolves a hint fault on a PMD leaf.
 * @kernel mm/huge_memory.c do_huge_pmd_numa_page (v7.2)
 */
export function doHugePmdNumaPage(
  world: World,
  task: TaskStruct,
  vma: VmAreaStruct,
  page: number,
  bits: number,
): number {
  const { pageTable, mmId } = vma.vmMm;
  const first = pageTable.blockStart(page);
  const head = pageTable.slotVal(page);
  const isManaged = head !== world.hugeZeroPfn && world.frames.pgmapOf(head) === null;
  if (isManaged) countHintFault(world, task, head);
  if (isManaged && tryToMove(world, task, vma, head)) {
    world.recorder?.note("numa-moved", mmId, first, world.blockPages);
    return 0;
  }
  world.recorder?.note("numa-restored", mmId, first, world.blockPages);
  setPmdLeaf(world, pageTable, first, restoredBits(world, vma, bits, head), head);
  return 0;
}

/** @kernelpart mm/memory.c numa_migrate_check (v7.2) what /proc/vmstat counts of it */
function countHintFault(world: World, task: TaskStruct, head: number): void {
  world.vmEvents.count(NUMA_HINT_FAULTS);
  if (placeOf(world, head) === world.cpuNode(task.cpu)) {
    world.vmEvents.count(NUMA_HINT_FAULTS_LOCAL);
  }
}

/** Moves a misplaced folio to the node that wants it. Its entries come back read-only. */
function tryToMove(world: World, task: TaskStruct, vma: VmAreaStruct, head: number): boolean {
  const target = mpolMisplaced(world, task, vma, head);
  return target !== NUMA_NO_NODE && migrateMisplacedFolio(world, task, head, target);
}

/** The entry without its hint, writable where the VMA and the page allow it at once. */
function restoredBits(world: World, vma: VmAreaStruct, bits: number, pfn: number): number {
  let restored = (bits & ~LEAF_PROTNONE) | LEAF_YOUNG;
  const isWritableVma = (vma.vmFlags & VM_WRITE) !== 0;
  if (isWritableVma && canChangePteWritable(world, vma, restored, pfn)) restored |= LEAF_WRITE;
  return restored;
}

/** @kernel mm/memory.c numa_rebuild_single_mapping (v7.2) */
function restorePte(
  world: World,
  vma: VmAreaStruct,
  page: number,
  bits: number,
  pfn: number,
): void {
  vma.vmMm.pageTable.set(page, restoredBits(world, vma, bits, pfn), pfn);
  world.effort.add(EFFORT_PTE_SET, 1);
}

/**
 * Restores every hinted entry of a large folio inside the VMA and the faulting page table.
 * @kernel mm/memory.c numa_rebuild_large_mapping (v7.2)
 */
function rebuildLargeMapping(
  world: World,
  vma: VmAreaStruct,
  pageOfHead: number,
  head: number,
  nrPages: number,
): void {
  const { pageTable } = vma.vmMm;
  const start = Math.max(pageOfHead, vma.vmStart);
  const end = Math.min(pageOfHead + nrPages, vma.vmEnd);
  for (let page = start; page < end; page++) {
    const bits = pageTable.bits(page);
    const kind = bits & (LEAF_KIND_MASK | LEAF_PROTNONE);
    if (kind !== (LEAF_PRESENT | LEAF_PROTNONE)) continue;
    const pfn = pageTable.val(page);
    if (pfn >= head && pfn < head + nrPages) restorePte(world, vma, page, bits, pfn);
  }
}
