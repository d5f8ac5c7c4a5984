// Moving one folio after a hint fault. Mirrors migrate_misplaced_folio of mm/migrate.c; the rate
// limit and the check for a balanced node are left out.
import {
  FRAME_DIRTY,
  FRAME_SWAPBACKED,
  NUMA_PAGE_MIGRATE,
  type TaskStruct,
  type World,
} from "@faultline/core";
import { folioNrPages } from "../folio/folio-count.ts";
import { migrateFolioList } from "../migrate/migrate-folio-list.ts";
import { folioTestLru } from "../swap/folio-lru.ts";
import { allocOnNode } from "./alloc-target.ts";

/**
 * Moves a folio to the node. Dirty pages of files on disk stay, because a fault cannot wait for
 * their writeback.
 * @returns true when it moved.
 * @kernel mm/migrate.c migrate_misplaced_folio (v7.2)
 */
export function migrateMisplacedFolio(
  world: World,
  _task: TaskStruct,
  head: number,
  node: number,
): boolean {
  if (!folioTestLru(world, head) || isDirtyFileFolio(world, head)) return false;
  const target = (order: number): number => allocOnNode(world, order, node);
  const nrPages = folioNrPages(world, head);
  const isMoved = migrateFolioList(world, [head], target, true) === 0;
  if (isMoved) world.vmEvents.count(NUMA_PAGE_MIGRATE, nrPages);
  return isMoved;
}

/** True for a dirty folio that swap does not back (`folio_is_file_lru` and dirty). */
export function isDirtyFileFolio(world: World, head: number): boolean {
  const flags = world.frames.flags(head);
  return (flags & FRAME_SWAPBACKED) === 0 && (flags & FRAME_DIRTY) !== 0;
}
