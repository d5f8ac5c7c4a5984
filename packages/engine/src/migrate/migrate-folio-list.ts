// Moving folios between nodes of system memory. Mirrors mm/migrate.c migrate_pages.
import { FRAME_LOCKED, type World } from "@faultline/core";
import { copyFolioContent, folioPut, folioReleaseIfUnused } from "../folio/folio-alloc.ts";
import {
  folioIsAnon,
  folioMapcount,
  folioNrPages,
  folioRefCount,
  largeRecord,
} from "../folio/folio-count.ts";
import { removeMigrationPtes } from "../rmap/remove-migration-ptes.ts";
import { tryToMigrate } from "../rmap/try-to-migrate.ts";
import { splitFolio } from "../thp/split-folio.ts";
import { folioMigrateMapping } from "./folio-migrate-mapping.ts";

/** Gives the destination for a folio: a fresh folio of the same order, or 0 when there is none. */
export type MigrationTarget = (order: number) => number;

/**
 * Moves folios, keeping their mappings, rights and exclusivity. A large folio that is only partially
 * mapped, or for which no destination of its size exists, is split first.
 * @param heads folios that nobody has locked; no reference to them is consumed.
 * @returns how many folios could not be moved.
 * @kernel mm/migrate.c migrate_pages (v7.2)
 */
export function migrateFolioList(
  world: World,
  heads: readonly number[],
  target: MigrationTarget,
): number {
  let nrFailed = 0;
  for (const head of heads) {
    const record = largeRecord(world, head);
    const isPartial = record !== 0 && world.largeFolios.partiallyMapped[record] === 1;
    if (isPartial) nrFailed += moveSplit(world, head, target);
    else if (!moveFolio(world, head, target)) nrFailed++;
  }
  return nrFailed;
}

/** Splits a folio and moves the pages that are left; returns how many stayed behind. */
function moveSplit(world: World, head: number, target: MigrationTarget): number {
  const nrPages = folioNrPages(world, head);
  if (splitFolio(world, head) !== 0) return moveFolio(world, head, target) ? 0 : 1;
  // The split freed what nothing mapped, and targets may come from there: look before moving.
  const pieces: number[] = [];
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    if (folioRefCount(world, pfn) > 0) pieces.push(pfn);
  }
  let nrFailed = 0;
  for (const pfn of pieces) if (!moveFolio(world, pfn, target)) nrFailed++;
  return nrFailed;
}

/**
 * Unmaps, moves and maps one folio.
 * @kernel mm/migrate.c migrate_folio_unmap (v7.2)
 * @kernel mm/migrate.c migrate_folio_move (v7.2)
 */
function moveFolio(world: World, head: number, target: MigrationTarget): boolean {
  const { frames } = world;
  if ((frames.flags(head) & FRAME_LOCKED) !== 0 || isUnmovable(world, head)) return false;
  const order = frames.order(head);
  const dst = target(order);
  if (dst === 0) return order > 0 && moveSplit(world, head, target) === 0;
  frames.addFlags(head, FRAME_LOCKED);
  frames.addExtraRefs(head, 1);
  const isUnmapped = folioMapcount(world, head) === 0 || tryToMigrate(world, head);
  const isMoved = isUnmapped && folioMigrateMapping(world, dst, head, 1) === 0;
  if (isMoved) copyFolioContent(world, dst, head);
  removeMigrationPtes(world, head, isMoved ? dst : head);
  world.recorder?.note(isMoved ? "folio-moved" : "folio-not-moved", 0, head, 1 << order);
  frames.clearFlags(head, FRAME_LOCKED);
  folioPut(world, head);
  folioReleaseIfUnused(world, dst);
  return isMoved;
}

/** ramfs gives its pages no way to be moved. */
function isUnmovable(world: World, head: number): boolean {
  if (folioIsAnon(world, head)) return false;
  const file = world.rmapTarget(world.frames.rmapOwner(head));
  return file !== null && (file.kind === "ramfs" || file.kind === "device");
}
