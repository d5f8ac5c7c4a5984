// First half of migrate_vma_setup: look at every page of the range, lock what can move and replace
// its entry by a migration entry. Mirrors mm/migrate_device.c migrate_vma_collect.
import {
  type DevPagemap,
  EFFORT_PTE_SET,
  EFFORT_PTE_WALK,
  EFFORT_TLB_FLUSH,
  FRAME_LOCKED,
  LEAF_DEVICE_PRIVATE,
  LEAF_NONE,
  LEAF_PRESENT,
  LEAF_PROTNONE,
  LEAF_TABLE,
  LEAF_WRITE,
  leafKind,
  MEMORY_DEVICE_COHERENT,
  MEMORY_DEVICE_PRIVATE,
  MMU_NOTIFY_MIGRATE,
  type World,
} from "@faultline/core";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { replaceByMigrationEntry } from "../rmap/try-to-migrate.ts";
import { splitFolio } from "../thp/split-folio.ts";
import {
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  MIGRATE_PFN_WRITE,
  MIGRATE_VMA_SELECT_COMPOUND,
  MIGRATE_VMA_SELECT_DEVICE_COHERENT,
  MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
  MIGRATE_VMA_SELECT_SYSTEM,
  type MigrateVma,
} from "./migrate-vma.ts";

/** The part of the range inside one block. */
interface Segment {
  readonly from: number;
  readonly to: number;
  /** Covers its block exactly, and the driver accepts large folios. */
  readonly isAligned: boolean;
  /** The folio of the fault's page, which the fault has locked; 0 without a fault. */
  readonly faultHead: number;
}

/**
 * Fills the source words of the worksheet.
 * @kernel mm/migrate_device.c migrate_vma_collect (v7.2)
 */
export function migrateVmaCollect(world: World, args: MigrateVma): void {
  const { vma, start, end } = args;
  const table = vma.vmMm.pageTable;
  const range = mmuNotifierInvalidateRangeStart(
    world,
    vma.vmMm,
    MMU_NOTIFY_MIGRATE,
    start,
    end,
    args.pgmapOwner,
  );
  for (let page = start; page < end; ) {
    const blockStart = table.blockStart(page);
    const to = Math.min(end, blockStart + table.blockPages);
    const isWhole = page === blockStart && to === blockStart + table.blockPages;
    const isAligned = isWhole && (args.flags & MIGRATE_VMA_SELECT_COMPOUND) !== 0;
    const faultHead = args.faultPage === 0 ? 0 : world.frames.head(args.faultPage);
    collectSegment(world, args, { from: page, to, isAligned, faultHead });
    page = to;
  }
  mmuNotifierInvalidateRangeEnd(range);
}

/** @kernel mm/migrate_device.c migrate_vma_collect_pmd (v7.2) */
function collectSegment(world: World, args: MigrateVma, segment: Segment): void {
  const table = args.vma.vmMm.pageTable;
  const kind = leafKind(table.slotBits(segment.from));
  if (kind === LEAF_NONE) {
    collectHole(args, segment);
    return;
  }
  if (kind !== LEAF_TABLE && !collectHugeLeaf(world, args, segment)) return;
  if (leafKind(table.slotBits(segment.from)) === LEAF_TABLE) collectTable(world, args, segment);
}

/** @kernel mm/migrate_device.c migrate_vma_collect_hole (v7.2) */
function collectHole(args: MigrateVma, segment: Segment): void {
  if (!args.vma.isAnonymous) return;
  const first = segment.from - args.start;
  const nrPages = segment.to - segment.from;
  args.cpages += nrPages;
  if (segment.isAligned) {
    args.srcFlags[first] = MIGRATE_PFN_MIGRATE | MIGRATE_PFN_COMPOUND;
  } else {
    args.srcFlags.fill(MIGRATE_PFN_MIGRATE, first, first + nrPages);
  }
}

/**
 * Collects a PMD leaf.
 * @returns true when the leaf was split and its pages must be looked at one by one.
 * @kernel mm/migrate_device.c migrate_vma_collect_huge_pmd (v7.2)
 */
function collectHugeLeaf(world: World, args: MigrateVma, segment: Segment): boolean {
  const { vma } = args;
  const table = vma.vmMm.pageTable;
  const slot = table.slotBits(segment.from);
  const head = table.slotVal(segment.from);
  const kind = leafKind(slot);
  if (kind === LEAF_PRESENT) {
    if ((args.flags & MIGRATE_VMA_SELECT_SYSTEM) === 0) return false;
    if (head === world.hugeZeroPfn) {
      collectHole(args, segment);
      return false;
    }
  } else if (kind !== LEAF_DEVICE_PRIVATE || !selectsDevicePrivate(world, args, head)) {
    return false;
  }
  if (segment.isAligned && lockFolio(world, head, segment.faultHead)) {
    const isCollected = replaceByMigrationEntry(world, vma, segment.from, slot, head, true);
    if (isCollected) {
      const write = isWritable(slot) ? MIGRATE_PFN_WRITE : 0;
      const i = segment.from - args.start;
      args.srcFlags[i] = MIGRATE_PFN_VALID | MIGRATE_PFN_MIGRATE | MIGRATE_PFN_COMPOUND | write;
      args.srcPfn[i] = head;
      args.cpages += segment.to - segment.from;
      return false;
    }
    unlockFolio(world, head, segment.faultHead);
  }
  return splitForCollect(world, args, head);
}

/** @kernel mm/migrate_device.c migrate_vma_split_folio (v7.2) */
function splitForCollect(world: World, args: MigrateVma, head: number): boolean {
  const isFaultFolio = args.faultPage !== 0 && world.frames.head(args.faultPage) === head;
  if (!isFaultFolio) return splitFolio(world, head) === 0;
  return splitFolio(world, head, { callerRefs: 1, callerPage: args.faultPage }) === 0;
}

/** Collects the entries of one table; stops at a large folio that cannot be split. */
function collectTable(world: World, args: MigrateVma, segment: Segment): void {
  let nrWalked = 0;
  let isComplete = true;
  const before = world.effort.totals[EFFORT_PTE_SET] as number;
  for (let page = segment.from; page < segment.to && isComplete; page++) {
    nrWalked++;
    isComplete = collectPte(world, args, page, segment.faultHead);
  }
  world.effort.add(EFFORT_PTE_WALK, nrWalked);
  if (world.effort.totals[EFFORT_PTE_SET] === before) return;
  world.effort.add(EFFORT_TLB_FLUSH, 1, 0, args.vma.vmMm.cpumask);
}

/**
 * The folio that the fault has locked is remembered from before any split. When the fault's page is
 * cut out of a large folio here and is not its head, its new folio is taken for one that somebody
 * else has locked, and left alone: the access faults again and finds a small folio.
 * @returns false when the rest of the segment must be left alone.
 */
function collectPte(world: World, args: MigrateVma, page: number, faultHead: number): boolean {
  const table = args.vma.vmMm.pageTable;
  const bits = table.bits(page);
  const pfn = table.val(page);
  const i = page - args.start;
  const isEmpty = bits === LEAF_NONE && args.vma.isAnonymous;
  const isZeroPage = leafKind(bits) === LEAF_PRESENT && pfn === world.zeroPfn;
  if (isEmpty || (isZeroPage && (args.flags & MIGRATE_VMA_SELECT_SYSTEM) !== 0)) {
    args.srcFlags[i] = MIGRATE_PFN_MIGRATE;
    args.cpages++;
    return true;
  }
  if (isZeroPage || !isSelected(world, args, bits, pfn)) return true;
  const head = world.frames.head(pfn);
  if (world.frames.order(pfn) > 0) {
    // The entry may have changed (to the zero page, for one), so it is looked at again.
    return splitForCollect(world, args, head) && collectPte(world, args, page, faultHead);
  }
  if (!lockFolio(world, pfn, faultHead)) return true;
  if (!replaceByMigrationEntry(world, args.vma, page, bits, pfn, false, false)) {
    unlockFolio(world, pfn, faultHead);
    return true;
  }
  const write = isWritable(bits) ? MIGRATE_PFN_WRITE : 0;
  args.srcFlags[i] = MIGRATE_PFN_VALID | MIGRATE_PFN_MIGRATE | write;
  args.srcPfn[i] = pfn;
  args.cpages++;
  return true;
}

/** Whether the flags ask for what the entry maps. */
function isSelected(world: World, args: MigrateVma, bits: number, pfn: number): boolean {
  const kind = leafKind(bits);
  if (kind === LEAF_DEVICE_PRIVATE) return selectsDevicePrivate(world, args, pfn);
  if (kind !== LEAF_PRESENT) return false;
  const pgmap = world.frames.pgmapOf(pfn);
  if (pgmap === null) return (args.flags & MIGRATE_VMA_SELECT_SYSTEM) !== 0;
  return (
    pgmap.type === MEMORY_DEVICE_COHERENT &&
    (args.flags & MIGRATE_VMA_SELECT_DEVICE_COHERENT) !== 0 &&
    isOwned(world, args, pgmap)
  );
}

function selectsDevicePrivate(world: World, args: MigrateVma, pfn: number): boolean {
  const pgmap = world.frames.pgmapOf(pfn);
  if (pgmap?.type !== MEMORY_DEVICE_PRIVATE) return false;
  return (args.flags & MIGRATE_VMA_SELECT_DEVICE_PRIVATE) !== 0 && isOwned(world, args, pgmap);
}

/** The kernel compares owners; the RFC's p2p_allow() of struct migrate_vma comes after that. */
function isOwned({ designs }: World, args: MigrateVma, pgmap: DevPagemap): boolean {
  if (pgmap.owner === args.pgmapOwner) return true;
  return designs["hmm.p2pAllow"] === "on" && (args.p2pAllow?.(pgmap) ?? false);
}

/** A hinting entry has no write right of its own. */
function isWritable(bits: number): boolean {
  const isHint = leafKind(bits) === LEAF_PRESENT && (bits & LEAF_PROTNONE) !== 0;
  return !isHint && (bits & LEAF_WRITE) !== 0;
}

/** Locks the folio and takes the migration's reference; the fault's folio is locked already. */
function lockFolio(world: World, head: number, faultHead: number): boolean {
  const { frames } = world;
  if (head !== faultHead) {
    if ((frames.flags(head) & FRAME_LOCKED) !== 0) return false;
    frames.addFlags(head, FRAME_LOCKED);
  }
  frames.addExtraRefs(head, 1);
  return true;
}

function unlockFolio(world: World, head: number, faultHead: number): void {
  const { frames } = world;
  if (head !== faultHead) frames.clearFlags(head, FRAME_LOCKED);
  frames.addExtraRefs(head, -1);
}
