// Moving folios between nodes of system memory. Mirrors mm/migrate.c migrate_pages.
import {
  FRAME_DIRTY,
  FRAME_LOCKED,
  PGMIGRATE_FAIL,
  PGMIGRATE_SUCCESS,
  THP_MIGRATION_SUCCESS,
  type World,
} from "@faultline/core";
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
 * Moves folios, keeping their mappings, rights and exclusivity. A large folio that is only
 * partially mapped, or for which no destination of its size exists, is split first.
 * @param heads folios that nobody has locked; no reference to them is consumed.
 * @param nosplit leaves a large folio whole when no destination of its size exists, as a hint fault
 * does.
 * @returns 0 when everything moved; otherwise how many folios did not move whole: a folio that was
 * split counts once, whatever became of its pieces.
 * @kernelpart mm/migrate.c migrate_pages (v7.2) one list, without batches and retries that only
 * time could help
 */
export function migrateFolioList(
  world: World,
  heads: readonly number[],
  target: MigrationTarget,
  nosplit = false,
): number {
  let nrFailed = 0;
  let isAllMoved = true;
  for (const head of heads) {
    const outcome = moveOne(world, head, target, nosplit);
    if (outcome !== "moved") nrFailed++;
    if (outcome === "left") isAllMoved = false;
  }
  return isAllMoved ? 0 : nrFailed;
}

/** What became of a folio: moved whole, moved in pieces, or left behind, wholly or in part. */
type MoveOutcome = "moved" | "pieces" | "left";

function moveOne(
  world: World,
  head: number,
  target: MigrationTarget,
  nosplit: boolean,
): MoveOutcome {
  const record = largeRecord(world, head);
  const isPartial = record !== 0 && world.largeFolios.partiallyMapped[record] === 1;
  if (isPartial) {
    const pieces = moveSplit(world, head, target);
    if (pieces !== null) return pieces;
  }
  return moveFolio(world, head, target, nosplit);
}

/** Splits a folio and moves the pages that are left; null when it cannot be split. */
function moveSplit(world: World, head: number, target: MigrationTarget): MoveOutcome | null {
  const nrPages = folioNrPages(world, head);
  if (splitFolio(world, head) !== 0) return null;
  // The split freed what nothing mapped, and targets may come from there: look before moving.
  const pieces: number[] = [];
  for (let pfn = head; pfn < head + nrPages; pfn++) {
    if (folioRefCount(world, pfn) > 0) pieces.push(pfn);
  }
  let outcome: MoveOutcome = "pieces";
  for (const pfn of pieces) if (moveFolio(world, pfn, target) !== "moved") outcome = "left";
  return outcome;
}

/**
 * Unmaps, moves and maps one folio.
 * @kernel mm/migrate.c migrate_folio_unmap (v7.2)
 * @kernel mm/migrate.c migrate_folio_move (v7.2)
 */
function moveFolio(
  world: World,
  head: number,
  target: MigrationTarget,
  nosplit = false,
): MoveOutcome {
  const { frames } = world;
  const order = frames.order(head);
  const leave = (): MoveOutcome => {
    world.vmEvents.count(PGMIGRATE_FAIL, 1 << order);
    return "left";
  };
  if ((frames.flags(head) & FRAME_LOCKED) !== 0) return leave();
  const dst = target(order);
  if (dst === 0) {
    const pieces = order > 0 && !nosplit ? moveSplit(world, head, target) : null;
    return pieces ?? leave();
  }
  frames.addFlags(head, FRAME_LOCKED);
  frames.addExtraRefs(head, 1);
  const isUnmapped = folioMapcount(world, head) === 0 || tryToMigrate(world, head);
  const mayMove = isUnmapped && !isUnmovable(world, head);
  const isMoved = mayMove && folioMigrateMapping(world, dst, head, 1) === 0;
  if (isMoved) copyFolioContent(world, dst, head);
  removeMigrationPtes(world, head, isMoved ? dst : head);
  world.vmEvents.count(isMoved ? PGMIGRATE_SUCCESS : PGMIGRATE_FAIL, 1 << order);
  if (isMoved && order === world.geometry.pmdOrder) world.vmEvents.count(THP_MIGRATION_SUCCESS);
  world.recorder?.note(isMoved ? "folio-moved" : "folio-not-moved", 0, head, 1 << order);
  frames.clearFlags(head, FRAME_LOCKED);
  folioPut(world, head);
  folioReleaseIfUnused(world, dst);
  return isMoved ? "moved" : "left";
}

/**
 * A dirty page of ramfs has nowhere to be written to before it could move; a driver's own pages
 * never move. Unmapping has told the folio of dirty mappings.
 * @kernel mm/migrate.c fallback_migrate_folio (v7.2)
 */
function isUnmovable(world: World, head: number): boolean {
  const { frames } = world;
  if (folioIsAnon(world, head)) return false;
  const file = world.rmapTarget(frames.rmapOwner(head));
  if (file?.kind === "ramfs") return (frames.flags(head) & FRAME_DIRTY) !== 0;
  return file?.kind === "device";
}
