// Second and third phase of a device migration: move identities, then put entries back.
// Mirrors mm/migrate_device.c __migrate_device_pages and __migrate_device_finalize.
import {
  LEAF_MIGRATION,
  leafKind,
  MMU_NOTIFY_MIGRATE,
  type MmuNotifierRange,
  type World,
} from "@faultline/core";
import { folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import { mmuNotifierInvalidateRangeEnd, mmuNotifierInvalidateRangeStart } from "../notify.ts";
import { removeMigrationPtes } from "../rmap/remove-migration-ptes.ts";
import { rmapWalk } from "../rmap/walk.ts";
import { folioSplitUnmapped } from "../thp/split-folio.ts";
import { splitHugePmd } from "../thp/split-pmd.ts";
import { folioMigrateMapping } from "./folio-migrate-mapping.ts";
import { migrateVmaInsertHugePmdPage, migrateVmaInsertPage } from "./insert-page.ts";
import {
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  type MigrateVma,
  type MigrateWords,
} from "./migrate-vma.ts";
import { releaseSource } from "./migrate-vma-setup.ts";

/**
 * Moves the identity of every source that has a destination; sources without one, or that turn out
 * to be in use, lose their MIGRATE flag.
 * @kernel mm/migrate_device.c migrate_vma_pages (v7.2)
 */
export function migrateVmaPages(world: World, args: MigrateVma): void {
  let notified: MmuNotifierRange | null = null;
  let hasNotified = false;
  for (let i = 0; i < args.nrPages; i++) {
    const src = args.srcFlags[i] as number;
    if ((src & MIGRATE_PFN_MIGRATE) === 0) continue;
    if ((src & MIGRATE_PFN_VALID) !== 0) {
      movePage(world, args, i, args);
      continue;
    }
    if (args.dstPfn[i] === 0) {
      args.srcFlags[i] = src & ~MIGRATE_PFN_MIGRATE;
      continue;
    }
    if (!hasNotified) {
      hasNotified = true;
      const { vmMm } = args.vma;
      const from = args.start + i;
      const owner = args.pgmapOwner;
      notified = mmuNotifierInvalidateRangeStart(
        world,
        vmMm,
        MMU_NOTIFY_MIGRATE,
        from,
        args.end,
        owner,
      );
    }
    i += fillHole(world, args, i) - 1;
  }
  mmuNotifierInvalidateRangeEnd(notified);
}

/**
 * A hole takes one device page, or a large folio, or as many small pages as the block has.
 * @returns how many words the hole stood for.
 */
function fillHole(world: World, args: MigrateVma, i: number): number {
  const { vma, start, dstPfn, dstFlags } = args;
  const isCompound = ((args.srcFlags[i] as number) & MIGRATE_PFN_COMPOUND) !== 0;
  if (isCompound && ((dstFlags[i] as number) & MIGRATE_PFN_COMPOUND) !== 0) {
    const head = dstPfn[i] as number;
    if (!migrateVmaInsertHugePmdPage(world, vma, start + i, head)) args.srcFlags[i] = 0;
    else world.recorder?.note("migrate-fill", vma.vmMm.mmId, start + i, world.blockPages);
    return world.blockPages;
  }
  const nrPages = isCompound ? world.blockPages : 1;
  for (let k = i; k < i + nrPages; k++) {
    const pfn = dstPfn[k] as number;
    const isFilled = pfn !== 0 && migrateVmaInsertPage(world, vma, start + k, pfn);
    args.srcFlags[k] = isFilled ? MIGRATE_PFN_MIGRATE : 0;
    if (isFilled) world.recorder?.note("migrate-fill", vma.vmMm.mmId, start + k, 1);
  }
  return nrPages;
}

/** Moves one source folio; `args` is null when the migration is of a device and not of a VMA. */
function movePage(world: World, words: MigrateWords, i: number, args: MigrateVma | null): void {
  const dst = words.dstPfn[i] as number;
  if (dst === 0) return refuse(words, i);
  const src = words.srcPfn[i] as number;
  const isSrcLarge = ((words.srcFlags[i] as number) & MIGRATE_PFN_COMPOUND) !== 0;
  const isDstLarge = ((words.dstFlags[i] as number) & MIGRATE_PFN_COMPOUND) !== 0;
  if (isSrcLarge && !isDstLarge) {
    if (args === null || !splitSource(world, args, i)) {
      words.srcFlags[i] = (words.srcFlags[i] as number) & ~MIGRATE_PFN_COMPOUND;
      return refuse(words, i);
    }
  } else if (!isSrcLarge && isDstLarge) {
    return refuse(words, i);
  }
  const faultPage = args?.faultPage ?? 0;
  const isFaultFolio = faultPage !== 0 && world.frames.head(faultPage) === src;
  if (folioMigrateMapping(world, dst, src, isFaultFolio ? 2 : 1) !== 0) return refuse(words, i);
  if (args === null) return;
  const nrPages = isDstLarge ? world.blockPages : 1;
  world.recorder?.note("migrate-moved", args.vma.vmMm.mmId, args.start + i, nrPages);
}

/** The source stays where it is. */
function refuse(words: MigrateWords, i: number): void {
  words.srcFlags[i] = (words.srcFlags[i] as number) & ~MIGRATE_PFN_MIGRATE;
}

/**
 * Cuts a large source for small destinations. The block's migration entry is split in any case.
 * @returns false when somebody references the folio.
 * @kernel mm/migrate_device.c migrate_vma_split_unmapped_folio (v7.2)
 * @differs the entries of other processes are split too: Linux 7.2 leaves them and oopses
 */
function splitSource(world: World, args: MigrateVma, i: number): boolean {
  const { vma } = args;
  const page = args.start + i;
  const head = args.srcPfn[i] as number;
  splitHugePmd(world, vma, page, true);
  rmapWalk(world, head, (other, pageOfHead) => {
    const slots = other.vmMm.pageTable;
    const isEntry = leafKind(slots.slotBits(pageOfHead)) === LEAF_MIGRATION;
    if (isEntry && slots.slotVal(pageOfHead) === head) {
      splitHugePmd(world, other, pageOfHead, false);
    }
    return true;
  });
  // The migration's own reference is set aside for the split and then taken on every page.
  world.frames.addExtraRefs(head, -1);
  const error = folioSplitUnmapped(world, head);
  if (error !== 0) {
    world.frames.addExtraRefs(head, 1);
    return false;
  }
  const flags = (args.srcFlags[i] as number) & ~MIGRATE_PFN_COMPOUND;
  for (let k = 0; k < world.blockPages; k++) {
    args.srcFlags[i + k] = flags;
    args.srcPfn[i + k] = head + k;
    world.frames.addExtraRefs(head + k, 1);
  }
  return true;
}

/**
 * Replaces the migration entries by mappings of the destination, or of the source where nothing was
 * moved, and gives back what is not used.
 * @kernel mm/migrate_device.c migrate_vma_finalize (v7.2)
 */
export function migrateVmaFinalize(world: World, args: MigrateVma): void {
  finalize(world, args, args.faultPage);
}

function finalize(world: World, words: MigrateWords, faultPage: number): void {
  for (let i = 0; i < words.nrPages; i++) {
    const flags = words.srcFlags[i] as number;
    const dst = words.dstPfn[i] as number;
    const src = words.srcPfn[i] as number;
    const isMigrated = (flags & MIGRATE_PFN_MIGRATE) !== 0 && dst !== 0;
    if (src !== 0) {
      removeMigrationPtes(world, src, isMigrated ? dst : src);
      releaseSource(world, src, faultPage);
    }
    if (dst !== 0) folioReleaseIfUnused(world, dst);
  }
}

/**
 * As migrateVmaPages, for sources given by migrateDevicePfns: nothing is split and no hole filled.
 * @kernel mm/migrate_device.c migrate_device_pages (v7.2)
 */
export function migrateDevicePages(world: World, words: MigrateWords): void {
  for (let i = 0; i < words.nrPages; i++) {
    if (((words.srcFlags[i] as number) & MIGRATE_PFN_VALID) !== 0) movePage(world, words, i, null);
  }
}

/** @kernel mm/migrate_device.c migrate_device_finalize (v7.2) */
export function migrateDeviceFinalize(world: World, words: MigrateWords): void {
  finalize(world, words, 0);
}
