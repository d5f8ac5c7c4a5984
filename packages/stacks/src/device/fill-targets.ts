// The middle phase of a migration: a target for each collected source, filled with its content.
// Drivers differ in where targets come from and in what they do when there is none.
import { type TaskStruct, type World } from "@faultline/core";
import {
  allocFolioFor,
  copyFolioContent,
  copyPageContent,
  folioReleaseIfUnused,
  MIGRATE_PFN_COMPOUND,
  MIGRATE_PFN_MIGRATE,
  MIGRATE_PFN_VALID,
  MIGRATE_PFN_WRITE,
  type MigrateVma,
  type MigrateWords,
  zeroFolio,
} from "@faultline/engine";

/** A source that moves. */
export const MIGRATES: number = MIGRATE_PFN_VALID | MIGRATE_PFN_MIGRATE;

/** Takes a device folio of an order, initialised; 0 when the device has none. */
export type TakeFolio = (order: number) => number;

/**
 * Gives each source a target on a device: a large one a large target, else single pages. A hole
 * gets zeroed memory. What finds no room keeps an empty target and stays where it is.
 * @returns pages that got a target.
 */
export function fillDeviceTargets(world: World, args: MigrateWords, take: TakeFolio): number {
  let nrFilled = 0;
  for (let i = 0; i < args.nrPages; ) {
    const flags = args.srcFlags[i] as number;
    if ((flags & MIGRATE_PFN_MIGRATE) === 0) {
      i++;
      continue;
    }
    const isLarge = (flags & MIGRATE_PFN_COMPOUND) !== 0;
    const nrPages = isLarge ? world.blockPages : 1;
    if (isLarge && fillLarge(world, args, i, take)) nrFilled += nrPages;
    else for (let k = 0; k < nrPages; k++) nrFilled += fillOne(world, args, i, k, take) ? 1 : 0;
    i += nrPages;
  }
  return nrFilled;
}

function fillLarge(world: World, args: MigrateWords, i: number, take: TakeFolio): boolean {
  const target = take(world.geometry.pmdOrder);
  if (target === 0) return false;
  const flags = args.srcFlags[i] as number;
  if ((flags & MIGRATE_PFN_VALID) === 0) zeroFolio(world, target);
  else copyFolioContent(world, target, args.srcPfn[i] as number);
  args.dstPfn[i] = target;
  args.dstFlags[i] = MIGRATE_PFN_VALID | MIGRATE_PFN_COMPOUND | (flags & MIGRATE_PFN_WRITE);
  return true;
}

/** A single target for page `k` of source `i`. */
function fillOne(world: World, args: MigrateWords, i: number, k: number, take: TakeFolio): boolean {
  const target = take(0);
  if (target === 0) return false;
  const flags = args.srcFlags[i] as number;
  if ((flags & MIGRATE_PFN_VALID) === 0) zeroFolio(world, target);
  else copyPageContent(world, target, (args.srcPfn[i] as number) + k);
  args.dstPfn[i + k] = target;
  args.dstFlags[i + k] = MIGRATE_PFN_VALID | (flags & MIGRATE_PFN_WRITE);
  return true;
}

/**
 * Gives each source that `isOurs` a copy in system memory, where the task's policy wants it.
 * @param visit told about each source that got its targets: first word and pages.
 * @returns false when one found no memory: its targets and all others are given back.
 */
export function fillSystemTargets(
  world: World,
  task: TaskStruct,
  args: MigrateVma,
  isOurs: (pfn: number) => boolean,
  take: TakeFolio = (order) => allocFolioFor(world, task, args.vma, order),
  visit: (i: number, nrPages: number) => void = () => {},
): boolean {
  for (let i = 0; i < args.nrPages; ) {
    const flags = args.srcFlags[i] as number;
    if ((flags & MIGRATES) !== MIGRATES || !isOurs(args.srcPfn[i] as number)) {
      i++;
      continue;
    }
    const isLarge = (flags & MIGRATE_PFN_COMPOUND) !== 0;
    const nrPages = isLarge ? world.blockPages : 1;
    if (!fillSystem(world, task, args, i, isLarge, take)) {
      abandonTargets(world, args);
      return false;
    }
    visit(i, nrPages);
    i += nrPages;
  }
  return true;
}

function fillSystem(
  world: World,
  task: TaskStruct,
  args: MigrateVma,
  i: number,
  isLarge: boolean,
  take: TakeFolio,
): boolean {
  const flags = args.srcFlags[i] as number;
  const source = args.srcPfn[i] as number;
  const target = take(isLarge ? world.geometry.pmdOrder : 0);
  if (target !== 0) {
    copyFolioContent(world, target, source);
    args.dstPfn[i] = target;
    args.dstFlags[i] = MIGRATE_PFN_VALID | (flags & (MIGRATE_PFN_WRITE | MIGRATE_PFN_COMPOUND));
    return true;
  }
  if (!isLarge) return false;
  // Without a huge folio the pages of one are copied to single pages.
  for (let k = 0; k < world.blockPages; k++) {
    const single = allocFolioFor(world, task, args.vma, 0);
    if (single === 0) return false;
    copyPageContent(world, single, source + k);
    args.dstPfn[i + k] = single;
    args.dstFlags[i + k] = MIGRATE_PFN_VALID | (flags & MIGRATE_PFN_WRITE);
  }
  return true;
}

/** Gives all targets back. */
export function abandonTargets(world: World, args: MigrateWords): void {
  for (let i = 0; i < args.nrPages; i++) {
    if (args.dstFlags[i] === 0) continue;
    folioReleaseIfUnused(world, args.dstPfn[i] as number);
    args.dstFlags[i] = 0;
    args.dstPfn[i] = 0;
  }
}
