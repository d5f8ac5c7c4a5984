// migrate_vma_setup: collect the sources of a migration and unmap them everywhere.
// Mirrors mm/migrate_device.c.
import {
  EINVAL,
  FRAME_LOCKED,
  MEMORY_DEVICE_PRIVATE,
  VM_HUGETLB,
  VM_SPECIAL,
  type World,
} from "@faultline/core";
import { folioPut } from "../folio/folio-alloc.ts";
import { folioIsAnon, folioMapcount } from "../folio/folio-count.ts";
import { removeMigrationPtes } from "../rmap/remove-migration-ptes.ts";
import { tryToMigrate } from "../rmap/try-to-migrate.ts";
import { migrateVmaCollect } from "./collect.ts";
import {
  clearSource,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  type MigrateVma,
  type MigrateWords,
} from "./migrate-vma.ts";

/**
 * Collects, locks and unmaps what the worksheet asks for.
 * @returns 0, also when nothing can migrate; -EINVAL for a range or VMA that cannot.
 * @kernel mm/migrate_device.c migrate_vma_setup (v7.2)
 */
export function migrateVmaSetup(world: World, args: MigrateVma): number {
  const { vma, start, end } = args;
  if ((vma.vmFlags & (VM_HUGETLB | VM_SPECIAL)) !== 0) return -EINVAL;
  if (start >= end || start < vma.vmStart || end > vma.vmEnd) return -EINVAL;
  if (args.faultPage !== 0) {
    const isDevicePrivate = world.frames.pgmapOf(args.faultPage)?.type === MEMORY_DEVICE_PRIVATE;
    const head = world.frames.head(args.faultPage);
    const isLocked = (world.frames.flags(head) & FRAME_LOCKED) !== 0;
    if (!isDevicePrivate || !isLocked) return -EINVAL;
  }
  migrateVmaCollect(world, args);
  if (args.cpages > 0) args.cpages -= migrateDeviceUnmap(world, args, args.faultPage);
  return 0;
}

/**
 * Unmaps every collected folio from all other address spaces too, and gives back those that
 * somebody still references.
 * @returns pages that were given back.
 * @kernel mm/migrate_device.c migrate_device_unmap (v7.2)
 * @differs the kernel returns the pages that are left
 */
export function migrateDeviceUnmap(world: World, words: MigrateWords, faultPage: number): number {
  const refused: number[] = [];
  let nrRefused = 0;
  for (let i = 0; i < words.nrPages; i++) {
    const flags = words.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_VALID) === 0) continue;
    const head = words.srcPfn[i] as number;
    const isUnmapped = folioMapcount(world, head) === 0 || tryToMigrate(world, head);
    if (isUnmapped && isUnreferenced(world, head, faultPage)) continue;
    words.srcFlags[i] = flags & ~MIGRATE_PFN_MIGRATE;
    nrRefused += (flags & MIGRATE_PFN_COMPOUND) === 0 ? 1 : 1 << world.frames.order(head);
    refused.push(i);
  }
  for (const i of refused) {
    const head = words.srcPfn[i] as number;
    removeMigrationPtes(world, head, head);
    world.recorder?.note("migrate-refused", 0, head, 1);
    clearSource(words, i);
    releaseSource(world, head, faultPage);
  }
  return nrRefused;
}

/**
 * Whether nobody but the migration, the caches and the fault holds the folio.
 * @kernel mm/migrate_device.c migrate_vma_check_page (v7.2)
 */
function isUnreferenced(world: World, head: number, faultPage: number): boolean {
  const { frames } = world;
  const isFaultFolio = faultPage !== 0 && frames.head(faultPage) === head;
  const hasMapping =
    world.swap?.slotOfPfn.has(head) === true ||
    (!folioIsAnon(world, head) && frames.rmapOwner(head) !== 0);
  const isZoneDevice = frames.pgmapOf(head) !== null;
  const allowed = 1 + (isFaultFolio ? 1 : 0) + (isZoneDevice ? 1 : 0) + (hasMapping ? 1 : 0);
  return frames.extraRefs(head) <= allowed;
}

/** Unlocks a source and drops the migration's reference; the fault keeps its own lock. */
export function releaseSource(world: World, head: number, faultPage: number): void {
  const { frames } = world;
  const isFaultFolio = faultPage !== 0 && frames.head(faultPage) === head;
  if (!isFaultFolio) frames.clearFlags(head, FRAME_LOCKED);
  folioPut(world, head);
}
