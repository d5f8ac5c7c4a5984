// Making the pages of a VMA inaccessible, so that the next access tells where they are used.
// Mirrors change_prot_numa and the prot_numa side of mm/mprotect.c.
import {
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  FRAME_KSM,
  LEAF_DEVICE_PRIVATE,
  LEAF_EXCLUSIVE,
  LEAF_MIGRATION,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  MMU_NOTIFY_PROTECTION_VMA,
  NUMA_HUGE_PTE_UPDATES,
  NUMA_PTE_UPDATES,
  type PageTable,
  type TaskStruct,
  VM_SHARED,
  type VmAreaStruct,
  type World,
} from "@faultline/core";
import { folioMaybeMappedShared, isZoneDevicePfn } from "../folio/folio-count.ts";
import {
  mmuNotifierInvalidateRangeEnd,
  mmuNotifierInvalidateRangeStart,
  settle,
} from "../notify.ts";
import { forEachMappedBlock } from "../swap/advice-walk.ts";
import type { Verb } from "../verb.ts";
import { isDirtyFileFolio } from "./migrate-misplaced-folio.ts";

/** What one scan of a VMA needs to know. */
interface HintScan {
  readonly world: World;
  readonly vma: VmAreaStruct;
  /** Pages on this node are not hinted; -1 for none. */
  readonly localNode: number;
  /** Pages whose entry has changed, as NUMA balancing counts them. */
  nrUpdates: number;
}

/**
 * Turns the VMA's pages into hinting entries. The event reaches from the first page whose PMD table
 * exists to the end of the VMA, whether or not an entry changes. Writable device-private entries
 * lose their write access for good, as with any change of protection.
 * @returns the number of entries changed.
 * @kernelpart mm/mprotect.c change_protection (v7.2) only the protection that NUMA balancing asks
 * for
 */
export function* changeProtNuma(world: World, task: TaskStruct, vma: VmAreaStruct): Verb {
  const mm = vma.vmMm;
  const isSoleUser = (vma.vmFlags & VM_SHARED) === 0 && mm.mmUsers === 1 && task.nrThreads === 1;
  const scan: HintScan = {
    world,
    vma,
    nrUpdates: 0,
    localNode: isSoleUser ? world.cpuNode(task.cpu) : -1,
  };
  const first = firstPopulated(mm.pageTable, vma.vmStart, vma.vmEnd);
  if (first === vma.vmEnd) return 0;
  const event = MMU_NOTIFY_PROTECTION_VMA;
  const range = mmuNotifierInvalidateRangeStart(world, mm, event, first, vma.vmEnd);
  yield* settle(range);
  let nrChanged = 0;
  forEachMappedBlock(mm, first, vma.vmEnd, (from, to) => {
    nrChanged += hintBlock(scan, from, to);
  });
  world.vmEvents.count(NUMA_PTE_UPDATES, scan.nrUpdates);
  if (nrChanged > 0) {
    world.effort.add(EFFORT_TLB_FLUSH, 1, 0, mm.cpumask);
    world.recorder?.note("numa-hint-scan", mm.mmId, first, nrChanged);
  }
  mmuNotifierInvalidateRangeEnd(range);
  return nrChanged;
}

function firstPopulated(table: PageTable, start: number, end: number): number {
  const span = table.pmdTableSpan();
  let page = start;
  while (page < end && !table.hasPmdTable(page)) page = (Math.floor(page / span) + 1) * span;
  return Math.min(page, end);
}

/** Changes the entries of one block; returns how many. */
function hintBlock(scan: HintScan, from: number, to: number): number {
  const { world, vma } = scan;
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(from);
  if (leafKind(slot) !== LEAF_TABLE) {
    const head = table.slotVal(from);
    const bits = hintedBits(scan, slot, head);
    if (bits === slot) return 0;
    table.setSlot(from, bits, head);
    world.effort.add(EFFORT_PTE_SET, 1, world.geometry.pmdOrder);
    if (leafKind(slot) === LEAF_PRESENT) {
      scan.nrUpdates += world.blockPages;
      world.vmEvents.count(NUMA_HUGE_PTE_UPDATES);
    }
    return 1;
  }
  const id = table.leafTable(from);
  const chunk = world.tables.ownChunkOf(id);
  const base = world.tables.baseOf(id) + table.indexInBlock(from);
  let nrChanged = 0;
  for (let i = base; i < base + (to - from); i++) {
    const old = chunk.bits[i] as number;
    const bits = hintedBits(scan, old, chunk.val[i] as number);
    if (bits === old) continue;
    chunk.bits[i] = bits;
    nrChanged++;
  }
  world.effort.add(EFFORT_PTE_WALK, to - from);
  if (nrChanged > 0) world.effort.add(EFFORT_PTE_SET, nrChanged);
  scan.nrUpdates += nrChanged;
  return nrChanged;
}

/** What the scan makes of one leaf. */
function hintedBits(scan: HintScan, bits: number, pfn: number): number {
  switch (leafKind(bits)) {
    case LEAF_PRESENT:
      return folioCanMapProtNuma(scan, bits, pfn) ? (bits & ~LEAF_WRITE) | LEAF_PROTNONE : bits;
    case LEAF_DEVICE_PRIVATE:
      return bits & ~LEAF_WRITE;
    case LEAF_MIGRATION:
      return (bits & LEAF_WRITE) !== 0 ? (bits & ~LEAF_WRITE) | LEAF_EXCLUSIVE : bits;
    default:
      return bits;
  }
}

/**
 * True for a page worth watching: not hinted yet, not a zero or device page, not KSM, not pinned,
 * not shared private memory, not dirty file data, not already local to a process with one thread.
 * @kernel mm/mprotect.c folio_can_map_prot_numa (v7.2)
 */
function folioCanMapProtNuma(scan: HintScan, bits: number, pfn: number): boolean {
  const { world, vma, localNode } = scan;
  const { frames } = world;
  if ((bits & LEAF_PROTNONE) !== 0) return false;
  if (pfn === world.zeroPfn || pfn === world.hugeZeroPfn) return false;
  if (isZoneDevicePfn(world, pfn)) return false;
  const head = frames.head(pfn);
  if ((frames.flags(head) & FRAME_KSM) !== 0) return false;
  if (frames.pinCount(head) > 0) return false;
  if (vma.isCowMapping && folioMaybeMappedShared(world, head)) return false;
  return !isDirtyFileFolio(world, head) && frames.nodeOf(head) !== localNode;
}
